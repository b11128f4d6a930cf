// The step `tidegate` of a shared library: evaluates, keeps the reports with the build, and colours the build.
//
//     Map gate = tidegate(args: ['--start', '@start', '--end', 'now', '--label', "build=${env.BUILD_TAG}"])
//
// Options:
//   args     words for `tidegate evaluate`, a list; each is quoted, so that no value can become a command
//   reports  the folder for the reports (default: tidegate-reports)
//   stop     whether a fail stops the pipeline (default: true; false marks stage and build, and goes on)
//   tool     the program (default: tidegate)
//
// Returns [result: 'pass' | 'warning' | 'fail' | 'inconclusive' | 'error', score: a number or null, code: the exit code].
// A warning makes stage and build UNSTABLE. Where there is no verdict (64 and above) the build always fails.

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurperClassic

Map call(Map options = [:]) {
    checkOptions(options)
    String folder = (options.reports ?: 'tidegate-reports').toString()
    int code = sh(label: 'Quality gate', returnStatus: true, script: script(options, folder)) as int
    archiveArtifacts(artifacts: files(folder).join(','), allowEmptyArchive: true)
    junit(
        testResults: "${folder}/tidegate.xml",
        allowEmptyResults: true,
        keepProperties: true,
        skipMarkingBuildUnstable: true,
        skipMarkingStageUnstable: true,
    )
    String report = "${folder}/tidegate.json"
    String text = code < 64 && fileExists(report) ? readFile(file: report, encoding: 'UTF-8') : ''
    Map outcome = read(code, text)
    currentBuild.description = describe(outcome)
    tell(outcome, options.get('stop', true) as boolean)
    return outcome
}

// Marks stage and build.
private void tell(Map outcome, boolean stop) {
    String message = "Quality gate: ${describe(outcome)}"
    if (outcome.code == 0) {
        echo(message)
    } else if (outcome.code == 3) {
        unstable(message)
    } else if (stop || outcome.result == 'error') {
        error(message)
    } else {
        catchError(buildResult: 'FAILURE', stageResult: 'FAILURE') { error(message) }
    }
}

@NonCPS
private void checkOptions(Map options) {
    List known = ['args', 'reports', 'stop', 'tool']
    List unknown = (options.keySet() as List) - known
    if (unknown) {
        throw new IllegalArgumentException("tidegate: unknown options ${unknown}; known are ${known}")
    }
    if (options.args != null && !(options.args instanceof List)) {
        throw new IllegalArgumentException("tidegate: args is a list, one word each: ['--timeframe', '30m']")
    }
}

@NonCPS
private List files(String folder) {
    return ['json', 'xml', 'html'].collect { "${folder}/tidegate.${it}".toString() }
}

// Reports of an earlier build that are still in the workspace must not be taken for this one's.
@NonCPS
private String script(Map options, String folder) {
    List paths = files(folder)
    List reports = ['json', 'junit', 'html']
    List words = [options.tool ?: 'tidegate', 'evaluate']
    words.addAll(options.args ?: [])
    for (int i = 0; i < paths.size(); i++) {
        words.addAll(['--report', "${reports[i]}=${paths[i]}"])
    }
    return "rm -f -- ${line(paths)} || exit 73; ${line(words)}".toString()
}

// Quotes words for the shell.
@NonCPS
private String line(List words) {
    return words.collect { "'" + it.toString().replace("'", "'\\''") + "'" }.join(' ')
}

@NonCPS
private Map read(int code, String text) {
    Map outcome = [result: 'error', score: null, code: code]
    if (text) {
        Map report = new JsonSlurperClassic().parseText(text) as Map
        outcome.result = report.result
        outcome.score = report.score
    }
    return outcome
}

@NonCPS
private String describe(Map outcome) {
    if (outcome.result == 'error') {
        return "no verdict (exit code ${outcome.code})".toString()
    }
    return "${outcome.result}, score ${outcome.score}".toString()
}
