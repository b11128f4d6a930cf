//! `tidegate init`: starter files, never over files that exist.

#![expect(
    clippy::disallowed_methods,
    reason = "writing files is what this command is for"
)]

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::World;
use crate::cli::args::{InitArgs, InitProvider};
use crate::cli::console::complain;
use crate::cli::environment::Stream;
use crate::cli::exit::Exit;
use crate::config::{absolute, config_schema, repository_root};
use crate::report::{pretty, printable};
use crate::spec::{sli_schema, slo_schema};

/// The SLO to begin with.
const SLO: &str = include_str!("starter/slo.yaml");
/// The SLI file to begin with, for Prometheus.
const SLI: &str = include_str!("starter/sli.yaml");
/// The configuration to begin with, for Prometheus.
const PROMETHEUS: &str = include_str!("starter/prometheus.yaml");
/// The configuration to begin with, for values that are brought along.
const VALUES_CONFIG: &str = include_str!("starter/values.yaml");
/// Values to begin with.
const VALUES: &str = include_str!("starter/values.json");

/// Writes the starter files.
pub fn init(args: &InitArgs, world: &World<'_>) -> Exit {
    let folder = args.folder.clone().unwrap_or_default();
    let answers = Answers::collect(args, &folder, world);
    let mut worst = Exit::Pass;
    for (name, text) in answers.files() {
        let path = folder.join(name);
        match write_new(&path, &text) {
            Ok(()) => world.console.say(&format!("wrote  {}", path.display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                world
                    .console
                    .say(&format!("kept   {} (it exists)", path.display()));
            }
            Err(error) => {
                complain(&format!(
                    "error: {} can't be written: {error}",
                    path.display()
                ));
                worst = Exit::CannotCreate;
                break;
            }
        }
    }
    if worst == Exit::Pass {
        world
            .console
            .say(&answers.next_steps(args.folder.as_deref()));
    }
    worst
}

/// Writes a file that does not exist yet, and the folders above it.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}

/// What the files are filled with.
struct Answers {
    /// Where the numbers come from.
    provider: InitProvider,
    /// The project.
    project: String,
    /// The stage.
    stage: String,
    /// The service.
    service: String,
}

impl Answers {
    /// Takes what the flags say, asks for the rest on a terminal, and takes the defaults elsewhere.
    fn collect(args: &InitArgs, folder: &Path, world: &World<'_>) -> Self {
        let asker = Asker { world };
        let root = repository_root(folder).unwrap_or_else(|| absolute(folder));
        let provider = args.provider.unwrap_or_else(|| asker.provider());
        let project = args.project.clone();
        let stage = args.stage.clone();
        let service = args.service.clone();
        Self {
            provider,
            project: project.unwrap_or_else(|| asker.ask("Project?", &name_of(&root))),
            stage: stage.unwrap_or_else(|| asker.ask("Stage?", "default")),
            service: service.unwrap_or_else(|| asker.ask("Service?", &name_of(&absolute(folder)))),
        }
    }

    /// Returns the files, by the path inside the folder.
    fn files(&self) -> Vec<(&'static str, String)> {
        let slo = ("slo.yaml", SLO.to_owned());
        let slo_schema = (".tidegate/slo.schema.json", pretty(&slo_schema()));
        let config_schema = (".tidegate/tidegate.schema.json", pretty(&config_schema()));
        let ignore = (".tidegate/.gitignore", "*\n".to_owned());
        match self.provider {
            InitProvider::Prometheus => vec![
                slo,
                ("sli.yaml", SLI.to_owned()),
                ("tidegate.yaml", self.filled(PROMETHEUS)),
                slo_schema,
                (".tidegate/sli.schema.json", pretty(&sli_schema())),
                config_schema,
                ignore,
            ],
            InitProvider::Values => vec![
                slo,
                ("values.json", VALUES.to_owned()),
                ("tidegate.yaml", self.filled(VALUES_CONFIG)),
                slo_schema,
                config_schema,
                ignore,
            ],
        }
    }

    /// Fills the names in. They are written as JSON strings, which YAML reads whatever they contain.
    fn filled(&self, template: &str) -> String {
        let quoted = |name: &str| serde_json::Value::from(name.replace("${", "$${")).to_string();
        template
            .replace("@PROJECT@", &quoted(&self.project))
            .replace("@STAGE@", &quoted(&self.stage))
            .replace("@SERVICE@", &quoted(&self.service))
    }

    /// Says what to do next.
    fn next_steps(&self, folder: Option<&Path>) -> String {
        let folder = folder.map_or_else(String::new, |folder| format!(" {}", folder.display()));
        match self.provider {
            InitProvider::Prometheus => format!(
                "\nnext:\n  adapt the queries in sli.yaml and the limits in slo.yaml\n  \
                 tidegate evaluate{folder} --dry-run    show what would be asked\n  \
                 PROMETHEUS_URL=http://HOST:9090 tidegate evaluate{folder}"
            ),
            InitProvider::Values => {
                let values = folder.trim_start();
                let prefix = if values.is_empty() {
                    String::new()
                } else {
                    format!("{values}/")
                };
                format!(
                    "\nnext:\n  adapt the limits in slo.yaml\n  \
                     tidegate evaluate --slo {prefix}slo.yaml --values {prefix}values.json --explain"
                )
            }
        }
    }
}

/// Returns the name of a folder.
fn name_of(folder: &Path) -> String {
    folder.file_name().map_or_else(
        || "default".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Asks on a terminal, and nowhere else.
struct Asker<'a> {
    /// Where to ask.
    world: &'a World<'a>,
}

impl Asker<'_> {
    /// Asks where the numbers come from, until the answer is one of the known words.
    fn provider(&self) -> InitProvider {
        loop {
            let answer = self.ask(
                "Where do the numbers come from: prometheus or values?",
                "prometheus",
            );
            match <InitProvider as clap::ValueEnum>::from_str(&answer, true) {
                Ok(provider) => return provider,
                Err(_unknown) => {
                    complain(&format!("`{}` is not known here yet", printable(&answer)));
                }
            }
        }
    }

    /// Asks one question; an empty answer, and no terminal, mean the default.
    fn ask(&self, question: &str, default: &str) -> String {
        let environment = self.world.environment;
        if environment.stdin != Stream::Terminal
            || environment.stderr != Stream::Terminal
            || environment.is_ci()
        {
            return default.to_owned();
        }
        complain(&format!("{question} [{default}]"));
        let mut answer = String::new();
        match io::stdin().read_line(&mut answer) {
            Ok(_) if !answer.trim().is_empty() => answer.trim().to_owned(),
            Ok(_) | Err(_) => default.to_owned(),
        }
    }
}
