// Runs a Jenkinsfile as Jenkins does, without a Jenkins: with its Groovy, transformed so that a program can stop at a step,
// be saved to disk, and go on (each stop saves it here, too: what can't be saved fails, as it would in Jenkins). `sh` runs
// bash. Prints what became of the build as JSON on the last line.
//
//     pipeline.groovy JENKINSFILE WORKSPACE LIBRARY…     parameters of the build: variables PARAM_NAME

package harness

import com.cloudbees.groovy.cps.Continuable
import com.cloudbees.groovy.cps.CpsTransformer
import com.cloudbees.groovy.cps.SerializableScript
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation
import com.cloudbees.groovy.cps.impl.FunctionCallEnv
import com.cloudbees.groovy.cps.Continuation
import groovy.json.JsonOutput
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

class Build implements Serializable {
    static Build current = new Build()
    static File workspace
    static Map<String, String> variables = [:]
    static Map<String, Script> globals = [:]
    static final List<String> ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'ABORTED']
    String result = 'SUCCESS'
    String description
    List<String> stages = []
    Map<String, String> stageResults = [:]
    List<String> log = []
    Set<String> archived = new TreeSet<String>()
    int stops = 0

    static String worse(String one, String other) {
        return ORDER[Math.max(ORDER.indexOf(one ?: 'SUCCESS'), ORDER.indexOf(other ?: 'SUCCESS'))]
    }

    void setResult(String value) { result = worse(result, value) }

    void mark(String build, String stage) {
        setResult(build)
        if (stages) { stageResults[stages.last()] = worse(stageResults[stages.last()], stage) }
    }

    void say(text) {
        log << text.toString()
        System.err.println(text)
    }

    static Object sh(Map options) {
        def builder = new ProcessBuilder('bash', '-e', '-c', options.script.toString()).directory(workspace)
        builder.environment().clear()
        builder.environment().putAll(variables)
        builder.redirectErrorStream(!options.returnStdout)
        def process = builder.start()
        process.outputStream.close()
        def errors = new StringBuilder()
        def reader = Thread.start { if (options.returnStdout) { errors << process.errorStream.text } }
        String text = process.inputStream.text
        int code = process.waitFor()
        reader.join()
        current.say((options.returnStdout ? errors : text).toString().trim())
        if (options.returnStatus) { return code }
        if (code != 0) { throw new IllegalStateException("script returned exit code ${code}".toString()) }
        return options.returnStdout ? text : null
    }

    static void archive(Map options) {
        boolean found = false
        options.artifacts.split(',').each { String pattern ->
            def matcher = java.nio.file.FileSystems.default.getPathMatcher("glob:${pattern.trim()}")
            workspace.eachFileRecurse { File file ->
                def path = workspace.toPath().relativize(file.toPath())
                if (file.isFile() && matcher.matches(path)) {
                    found = true
                    current.archived << path.toString()
                }
            }
        }
        if (!found && !options.allowEmptyArchive) {
            throw new IllegalStateException("No artifacts found that match ${options.artifacts}".toString())
        }
    }

    static Object environment() {
        return new Environment()
    }
}

class Environment implements Serializable {
    Object getProperty(String name) { return Build.variables[name] }
}

// What scripts inherit that is no step: where variables are, and the steps of libraries.
abstract class Base extends SerializableScript {
    Base() { setBinding(Runner.binding) }

    Object invokeMethod(String name, Object args) {
        def global = Build.globals[name]
        if (global != null) { return global.invokeMethod('call', args) }
        return super.invokeMethod(name, args)
    }
}

// The steps, transformed as pipelines are, so that those with a body can catch what it throws.
class Steps {
    static final String SOURCE = '''
        package harness
        abstract class PipelineSteps extends Base {
            def pipeline(Closure body) { body() }
            def agent(what) { }
            def getAny() { 'any' }
            def stages(Closure body) { body() }
            def steps(Closure body) { body() }
            def script(Closure body) { body() }
            def node(Closure body) { body() }
            def node(String label, Closure body) { body() }
            def parameters(Closure body) { }
            def stage(String name, Closure body) {
                Build.current.stages << name
                Build.current.stageResults[name] = 'SUCCESS'
                try { body() } catch (Throwable thrown) {
                    Build.current.mark('FAILURE', 'FAILURE')
                    throw thrown
                }
            }
            def catchError(Map options, Closure body) {
                try { body() } catch (Exception thrown) {
                    Build.current.say('ERROR: ' + thrown.message)
                    Build.current.mark(options.buildResult, options.stageResult)
                }
            }
            def sh(String script) { sh([script: script]) }
            def sh(Map options) {
                com.cloudbees.groovy.cps.Continuable.suspend('sh')
                return Build.sh(options)
            }
            def echo(text) { Build.current.say(text) }
            def error(text) { throw new IllegalStateException(text.toString()) }
            def unstable(text) { Build.current.say('WARNING: ' + text); Build.current.mark('UNSTABLE', 'UNSTABLE') }
            def archiveArtifacts(Map options) { Build.archive(options) }
            def junit(Map options) { }
            def fileExists(String path) { new File(Build.workspace, path).exists() }
            def readFile(Map options) { new File(Build.workspace, options.file.toString()).getText('UTF-8') }
            def writeFile(Map options) {
                def file = new File(Build.workspace, options.file.toString())
                file.parentFile.mkdirs()
                file.setText(options.text.toString(), 'UTF-8')
            }
            def pwd() { Build.workspace.path }
        }
    '''
}

class Runner {
    static Binding binding = new Binding()

    // Runs a program from stop to stop; at each it is saved, and what can't be saved fails.
    static void run(Script script) {
        Continuable program
        try {
            script.run()
            return
        } catch (CpsCallableInvocation begun) {
            def halt = Continuation.HALT
            program = new Continuable(begun.invoke(new FunctionCallEnv(null, halt, null, null), null, halt))
        }
        while (true) {
            def outcome = program.run0(new com.cloudbees.groovy.cps.Outcome(null, null))
            if (outcome.abnormal != null) { throw outcome.abnormal }
            if (!program.resumable) { return }
            Build.current.stops += 1
            new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(program)
        }
    }
}

def (String jenkinsfile, String workspace) = [args[0], args[1]]
Build.workspace = new File(workspace)
Build.variables.putAll(System.getenv().findAll { !it.key.startsWith('PARAM_') })
Map params = System.getenv().findAll { it.key.startsWith('PARAM_') }.collectEntries { [it.key.substring(6), it.value] }

def configuration = new CompilerConfiguration()
configuration.addCompilationCustomizers(new CpsTransformer())
def loader = new GroovyClassLoader(this.class.classLoader, configuration)
loader.parseClass(Steps.SOURCE, 'PipelineSteps.groovy')

def ofPipelines = new CompilerConfiguration()
def imports = new ImportCustomizer()
imports.addImports('com.cloudbees.groovy.cps.NonCPS')
ofPipelines.addCompilationCustomizers(imports, new CpsTransformer())
ofPipelines.scriptBaseClass = 'harness.PipelineSteps'
def pipelines = new GroovyClassLoader(loader, ofPipelines)

Runner.binding.setVariable('env', Build.environment())
Runner.binding.setVariable('params', params)
Runner.binding.setVariable('currentBuild', Build.current)
Build.variables.each { name, value -> Runner.binding.setVariable(name, value) }
args.drop(2).each { String library ->
    File sources = new File(library, 'src')
    if (sources.directory) { sources.eachFileRecurse { if (it.file) { pipelines.parseClass(it) } } }
    new File(library, 'vars').listFiles({ dir, name -> name.endsWith('.groovy') } as FilenameFilter).each { File file ->
        Build.globals[file.name - '.groovy'] = pipelines.parseClass(file).newInstance()
    }
}

// `@Library` is Jenkins' own.
String text = new File(jenkinsfile).text.replaceAll(/@Library\([^)]*\)\s*(_\b)?/, '')
try {
    Runner.run(pipelines.parseClass(text, 'Jenkinsfile.groovy').newInstance())
} catch (Throwable thrown) {
    Build.current.say("ERROR: ${thrown.message}")
    if (!(thrown instanceof IllegalStateException)) { thrown.printStackTrace() }
    Build.current.result = Build.worse(Build.current.result, 'FAILURE')
}
def build = Build.current
println(JsonOutput.toJson([result: build.result, description: build.description, stages: build.stageResults,
    archived: build.archived as List, stops: build.stops, log: build.log]))
