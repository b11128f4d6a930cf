package sh.keptn

// The steps of Keptn's Jenkins library, carried out by tidegate. A pipeline written for that library goes on working:
//
//     @Library('tidegate-keptn') import sh.keptn.Keptn
//     def keptn = new sh.keptn.Keptn()
//
// Nothing is sent to a Keptn. docs/ci/jenkins/README.md says what differs, and why.

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import groovy.transform.Field

import java.time.Instant

// What this object knows: the three names, the marked time, and the evaluation that was asked for.
@Field Map state = [:]

// Takes the names. Nothing has to be created: a project begins with its first evaluation.
boolean keptnInit(Map args) {
    if (args.containsKey('monitoring')) {
        error('keptnInit: monitoring is configured in tidegate.yaml, under providers')
    }
    for (String name : ['project', 'stage', 'service']) {
        if (!args[name]) {
            error("keptnInit: ${name} is missing")
        }
    }
    if (args.containsKey('shipyard')) {
        echo('keptnInit: the shipyard is left out; tidegate evaluates, and leaves sequences to the pipeline')
    }
    know(names(args))
    save()
    return true
}

// Puts a file where an evaluation of the service finds it.
boolean keptnAddResources(file, remoteUri) {
    return add(file, "stage/service/${remoteUri}")
}

// Puts a file where an evaluation of the stage finds it.
boolean keptnAddStageResources(file, remoteUri) {
    return add(file, "stage/${remoteUri}")
}

// Puts a file where an evaluation of the project finds it.
boolean keptnAddProjectResources(file, remoteUri) {
    return add(file, remoteUri)
}

boolean keptnConfigureMonitoring(Map args) {
    echo("keptnConfigureMonitoring: nothing to do for ${args.monitoring}; tidegate.yaml names the providers, and tidegate doctor checks them")
    return true
}

boolean keptnProjectExists(Map args) {
    return exists('Project', args)
}

boolean keptnStageExists(Map args) {
    return exists('Stage', args)
}

boolean keptnProjectStageExists(Map args) {
    return exists('Stage', args)
}

boolean keptnServiceExists(Map args) {
    return exists('Service', args)
}

boolean keptnProjectServiceExists(Map args) {
    return exists('Service', args)
}

void keptnDeleteProject(Map args) {
    error('keptnDeleteProject: this library deletes nothing; tidegate events prune removes old evaluations')
}

void downloadFile(url, file) {
    execute('Download', ['curl', '--fail', '--silent', '--show-error', '--location', '--create-dirs', '--output', file, '--', url])
}

// Remembers this instant as the beginning of the next evaluation.
String markEvaluationStartTime() {
    load()
    state.starttime = mark('start')
    save()
    return state.starttime
}

String getEvaluationStartTime() {
    load()
    return state.starttime ?: ''
}

// Remembers what to evaluate; waitForEvaluationDoneEvent evaluates it. Returns the context, which names the result file.
String sendStartEvaluationEvent(Map args = [:]) {
    load()
    Map own = names(state + args)
    for (String name : ['project', 'stage', 'service']) {
        if (!own[name]) {
            error("sendStartEvaluationEvent: ${name} is missing: call keptnInit first")
        }
    }
    String now = mark('end')
    String start = moment('starttime', args.starttime, now) ?: state.starttime
    if (!start) {
        error('sendStartEvaluationEvent: say starttime, or call markEvaluationStartTime before the test')
    }
    String end = moment('endtime', args.endtime, now) ?: now
    String context = newContext()
    state.context = context
    state.evaluation = own + [start: start, end: end, labels: labels(args)]
    save()
    writeFile(file: contextFile(), text: json([keptnContext: context]), encoding: 'UTF-8')
    archiveArtifacts(artifacts: contextFile())
    return context
}

// Evaluates, archives the result, and returns the score. With setBuildResult, stage and build become what the verdict is,
// and the pipeline goes on. Without it, no verdict stops the pipeline: the score alone could not tell.
def waitForEvaluationDoneEvent(Map args = [:]) {
    load()
    String context = args.keptnContext ?: state.context
    if (!context || context != state.context) {
        error("waitForEvaluationDoneEvent: this object asked for no evaluation ${context ?: ''}: call sendStartEvaluationEvent first")
    }
    int minutes = wholeMinutes(args)
    if (minutes < 1) {
        error("waitForEvaluationDoneEvent: waitTime is a number of minutes above 0, not ${args.waitTime}")
    }
    String result = "keptn.evaluationresult.${context}.json"
    List words = evaluateWords(state.evaluation, minutes, place())
    words.addAll(['--report', "keptn-events=${result}", '--report', 'html=keptn.html'])
    String script = "rm -f -- keptn.html ${line([result])} || exit 73; ${line(words)}"
    int code = sh(label: 'tidegate evaluate', returnStatus: true, script: script) as int
    archiveArtifacts(artifacts: "${result},keptn.html", allowEmptyArchive: true)
    String text = code < 64 && fileExists(result) ? readFile(file: result, encoding: 'UTF-8') : ''
    def score = scoreOf(text)
    tell(code, score, args.get('setBuildResult', false) as boolean)
    return score
}

void sendFinishedEvent(Map args = [:]) {
    gone('sendFinishedEvent')
}

void sendDeploymentFinishedEvent(Map args = [:]) {
    gone('sendDeploymentFinishedEvent')
}

void sendDeploymentTriggeredEvent(Map args = [:]) {
    gone('sendDeploymentTriggeredEvent')
}

void sendTestTriggeredEvent(Map args = [:]) {
    gone('sendTestTriggeredEvent')
}

void sendDeliveryTriggeredEvent(Map args = [:]) {
    gone('sendDeliveryTriggeredEvent')
}

// Marks stage and build.
private void tell(int code, score, boolean marks) {
    String verdict = verdictOf(code)
    String message = "Quality gate: ${verdict}, score ${score}"
    echo(message)
    if (code == 0) {
        return
    }
    if (marks && code == 3) {
        unstable(message)
    } else if (marks) {
        catchError(buildResult: 'FAILURE', stageResult: 'FAILURE') { error(message) }
    } else if (score == null || (code != 3 && code != 1)) {
        error(message)
    }
}

// Keptn ran tests, deployments, and deliveries. To pretend that one ran would be worse than to stop.
private void gone(String step) {
    error("${step}: tidegate runs no tests and no deployments. Run them in this pipeline: markEvaluationStartTime before the test, sendStartEvaluationEvent after it")
}

private boolean exists(String what, Map args) {
    echo("keptn${what}Exists: true; a ${what.toLowerCase()} begins with its first evaluation")
    return true
}

// Copies a file into Keptn's layout: what is missing fails the build, where it was only said before.
private boolean add(file, path) {
    if (!fileExists(file.toString())) {
        error("${file} is to be added as ${path}, but does not exist")
    }
    load()
    String target = "${folder()}/${path}"
    writeFile(file: target, text: readFile(file: file.toString(), encoding: 'UTF-8'), encoding: 'UTF-8')
    state.hasFiles = true
    save()
    return true
}

// Returns where the files are, and the log that their history is in.
private List place() {
    if (!state.hasFiles) {
        return []
    }
    String own = folder()
    List found = []
    for (String level : ['stage/service/', 'stage/', '']) {
        if (!found && fileExists("${own}/${level}slo.yaml")) {
            found = ['--slo', "${own}/${level}slo.yaml".toString()]
        }
    }
    if (!found) {
        error('no slo.yaml was added: keptnAddResources(\'slo.yaml\', \'slo.yaml\')')
    }
    if (!env.TIDEGATE_EVENT_LOG && !fileExists('tidegate.yaml')) {
        found.addAll(['--event-log', "sqlite:${pwd()}/.tidegate/events.db".toString()])
    }
    return found
}

// Remembers an instant of the agent's clock, and returns it.
private String mark(String side) {
    String name = "keptn-${side}-${env.BUILD_NUMBER}"
    String script = line(['tidegate', 'mark', side, '--name', name, '--ci', 'none', '--quiet'])
    return sh(label: 'tidegate mark', returnStdout: true, script: script).trim()
}

private void execute(String label, List words) {
    sh(label: label, script: line(words))
}

// Reads what an earlier object of this build wrote, where this one knows nothing.
private void load() {
    if (!state && fileExists(initFile())) {
        know(parse(readFile(file: initFile(), encoding: 'UTF-8')))
    }
}

// Fills the map instead of replacing it: in a pipeline an assignment would go to a variable that all objects share.
private void know(Map known) {
    state.clear()
    state.putAll(known)
}

private void save() {
    writeFile(file: initFile(), text: json(state), encoding: 'UTF-8')
}

private String initFile() {
    return "keptn.init.${env.BUILD_NUMBER}.json"
}

private String contextFile() {
    return "keptn.context.${env.BUILD_NUMBER}.json"
}

private String folder() {
    if (!state.files) {
        state.files = "keptn/files.${env.BUILD_NUMBER}.${newContext()}".toString()
    }
    return state.files
}

private Map labels(Map args) {
    Map all = [
        buildId: args.tag ?: env.BUILD_NUMBER,
        jobname: env.JOB_NAME,
        buildNumber: env.BUILD_NUMBER,
        joburl: env.BUILD_URL,
    ]
    if (args.image) {
        all.image = args.image
    }
    return texts(all + (args.labels ?: [:]))
}

@NonCPS
private Map names(Map args) {
    return args.subMap(['project', 'stage', 'service'])
}

@NonCPS
private Map texts(Map labels) {
    return labels.findAll { it.value != null }.collectEntries { [it.key.toString(), it.value.toString()] }
}

// Keptn's forms of a time: nothing, seconds ago (0 is now), or an instant as it is.
@NonCPS
private String moment(String name, value, String now) {
    String text = value == null ? '' : value.toString().trim()
    if (text.isEmpty()) {
        return null
    }
    if (text ==~ /[0-9]{1,9}/) {
        return Instant.parse(now).minusSeconds(text as long).toString()
    }
    if (text ==~ /-[0-9]+/) {
        throw new IllegalArgumentException("${name} can't be ${text}: write how many seconds ago, without a minus")
    }
    return text
}

@NonCPS
private int wholeMinutes(Map args) {
    String text = args.get('waitTime', 3).toString()
    return text ==~ /[0-9]{1,6}/ ? text as int : 0
}

@NonCPS
private List evaluateWords(Map evaluation, int minutes, List place) {
    List words = ['tidegate', 'evaluate'] + place
    words.addAll(['--project', evaluation.project, '--stage', evaluation.stage, '--service', evaluation.service])
    words.addAll(['--start', evaluation.start, '--end', evaluation.end, '--timeout', "${minutes}m".toString()])
    evaluation.labels.each { words.addAll(['--label', "${it.key}=${it.value}".toString()]) }
    return words
}

@NonCPS
private String line(List words) {
    return words.collect { "'" + it.toString().replace("'", "'\\''") + "'" }.join(' ')
}

@NonCPS
private String verdictOf(int code) {
    Map known = [0: 'pass', 1: 'fail', 3: 'warning', 4: 'inconclusive', 124: 'no verdict in time']
    return known.get(code, "no verdict (exit code ${code})".toString())
}

@NonCPS
private scoreOf(String text) {
    return text ? parse(text).events[0].data.evaluation.score : null
}

@NonCPS
private Map parse(String text) {
    return new JsonSlurperClassic().parseText(text) as Map
}

@NonCPS
private String json(Map value) {
    return JsonOutput.prettyPrint(JsonOutput.toJson(value))
}

@NonCPS
private String newContext() {
    return UUID.randomUUID().toString()
}
