//! One task, or what is different of it in one stage.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::event_log::duration;
use crate::config::provider_block::{Secrets, environment};
use crate::config::reader::Reader;
use crate::executor::{ApprovalPolicy, ApprovalUse, Approving, CommandSettings, TaskUse};
use crate::net::Secret;
use crate::spec::reading::{Field, Fields, hint};

/// The keys of a task.
pub(in crate::config) const KEYS: [&str; 11] = [
    "tasks",
    "command",
    "use",
    "webhook",
    "pass",
    "warning",
    "env",
    "env_allow",
    "timeout",
    "working_directory",
    "stages",
];
/// The words of `use`.
pub(super) const WORDS: [&str; 5] = ["gate", "prompt", "policy", "later", "webhook"];
/// The words of `pass` and `warning`.
pub(super) const APPROVING: [&str; 3] = ["automatic", "manual", "decline"];
/// The file of a webhook, where nobody says.
const WEBHOOK: &str = "webhook/webhook.yaml";
/// What a task may look like.
const EXAMPLE: &str =
    "such as `command: [\"./deploy.sh\"]`, or one of `use: gate`, `use: prompt`, `use: webhook`";

/// What the file says, of which anything may be left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// `command`
    command: Option<Vec<String>>,
    /// `use`
    word: Option<Word>,
    /// `webhook`
    webhook: Option<PathBuf>,
    /// `pass`
    pass: Option<Approving>,
    /// `warning`
    warning: Option<Approving>,
    /// `env` and `env_allow`, with what every program gets.
    environment: BTreeMap<String, Secret>,
    /// What must not be shown.
    secrets: Vec<Secret>,
    /// `timeout`
    timeout: Option<Duration>,
    /// `working_directory`
    working_directory: Option<PathBuf>,
    /// Whether it says who carries the task out, readable or not.
    names_somebody: bool,
}

/// The words of `use`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// `gate`
    Gate,
    /// `prompt`
    Prompt,
    /// `policy`
    Policy,
    /// `later`
    Later,
    /// `webhook`
    Webhook,
}

impl Block {
    /// Reads a task that is one word: `approval: prompt`.
    pub(super) fn word(reader: &mut Reader<'_, '_>, field: &Field<'_>) -> Option<Self> {
        let word = read_word(reader, field)?;
        Some(Self {
            word: Some(word),
            names_somebody: true,
            ..Self::default()
        })
    }

    /// Reads a mapping.
    pub(super) fn read(reader: &mut Reader<'_, '_>, mut fields: Fields<'_>, name: &str) -> Self {
        let mut secrets = Secrets::default();
        let [command_field, word_field, webhook_field] =
            ["command", "use", "webhook"].map(|name| fields.take_set(name));
        let named = [&command_field, &word_field, &webhook_field];
        let block = Self {
            names_somebody: named.iter().any(|field| field.is_some()),
            command: command_field.and_then(|field| command(reader, &field)),
            word: word_field.and_then(|field| read_word(reader, &field)),
            webhook: webhook_field.and_then(|field| {
                let path = reader.field_text(&field)?;
                Some(reader.surroundings.folder.join(path))
            }),
            pass: approving(reader, &mut fields, "pass"),
            warning: approving(reader, &mut fields, "warning"),
            environment: environment(reader, &mut fields, &mut secrets),
            secrets: secrets.found(),
            timeout: duration(reader, &mut fields, "timeout"),
            working_directory: reader.path(&mut fields, "working_directory"),
        };
        reader.refuse_rest(fields, &format!("the task `{name}`"), &KEYS);
        block
    }

    /// Fills what is left out from what holds in every stage. Who carries it out, and the rest of it, go together.
    pub(super) fn over(self, usual: &Self) -> Self {
        let mut environment = usual.environment.clone();
        environment.extend(self.environment.clone());
        let mut secrets = usual.secrets.clone();
        secrets.extend(self.secrets.clone());
        let names_somebody = self.names_somebody || usual.names_somebody;
        let (command, word, webhook) = if self.names_somebody {
            (self.command, self.word, self.webhook)
        } else {
            (usual.command.clone(), usual.word, usual.webhook.clone())
        };
        Self {
            command,
            word,
            webhook,
            pass: self.pass.or(usual.pass),
            warning: self.warning.or(usual.warning),
            environment,
            secrets,
            timeout: self.timeout.or(usual.timeout),
            working_directory: self
                .working_directory
                .or_else(|| usual.working_directory.clone()),
            names_somebody,
        }
    }

    /// Tells whether it says who carries the task out.
    pub(super) fn names_somebody(&self) -> bool {
        self.names_somebody
    }

    /// Returns who carries the task out; that nobody or several do is a problem.
    pub(super) fn finish(&self, reader: &mut Reader<'_, '_>, entry: &Field<'_>) -> Option<TaskUse> {
        let named = match (&self.command, self.word, &self.webhook) {
            (Some(command), None, None) => {
                let folder = reader.surroundings.folder.to_owned();
                let base = CommandSettings::new(command.clone(), folder);
                Some(TaskUse::Command(CommandSettings {
                    working_directory: self
                        .working_directory
                        .clone()
                        .unwrap_or_else(|| base.working_directory.clone()),
                    environment: self.environment.clone(),
                    secrets: self.secrets.clone(),
                    timeout: self.timeout.unwrap_or(base.timeout),
                    ..base
                }))
            }
            (None, Some(Word::Webhook) | None, Some(file)) => Some(TaskUse::Webhook(file.clone())),
            (None, Some(word), None) => Some(self.use_of(word, reader)),
            (None, None, None) if self.names_somebody => return None,
            _ => None,
        };
        if named.is_none() {
            let message = if self.names_somebody {
                format!(
                    "the task `{}` names more than one of `command`, `use`, and `webhook`",
                    entry.name
                )
            } else {
                format!("the task `{}` does not say who carries it out", entry.name)
            };
            reader.findings.error(entry.key, message, EXAMPLE);
        }
        named
    }

    /// Returns what a word stands for.
    fn use_of(&self, word: Word, reader: &Reader<'_, '_>) -> TaskUse {
        match word {
            Word::Gate => TaskUse::Gate,
            Word::Prompt => TaskUse::Approval(ApprovalUse::Prompt),
            Word::Later => TaskUse::Approval(ApprovalUse::Later),
            Word::Policy => TaskUse::Approval(ApprovalUse::Policy(ApprovalPolicy {
                pass: self.pass.unwrap_or(Approving::Automatic),
                warning: self.warning.unwrap_or(Approving::Manual),
            })),
            Word::Webhook => TaskUse::Webhook(reader.surroundings.folder.join(WEBHOOK)),
        }
    }
}

/// Reads a word of `use`.
fn read_word(reader: &mut Reader<'_, '_>, field: &Field<'_>) -> Option<Word> {
    let text = reader.field_text(field)?;
    Some(match text.as_str() {
        "gate" => Word::Gate,
        "prompt" => Word::Prompt,
        "policy" => Word::Policy,
        "later" => Word::Later,
        "webhook" => Word::Webhook,
        _ => {
            let message = format!("a task can't use `{text}`");
            reader
                .findings
                .error(field.span(), message, hint(&text, &WORDS));
            return None;
        }
    })
}

/// Reads what a result leads to.
fn approving(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<Approving> {
    let field = fields.take_set(name)?;
    let text = reader.field_text(&field)?;
    Some(match text.as_str() {
        "automatic" => Approving::Automatic,
        "manual" => Approving::Manual,
        "decline" => Approving::Decline,
        _ => {
            let message = format!("`{name}` can't be `{text}`");
            reader
                .findings
                .error(field.span(), message, hint(&text, &APPROVING));
            return None;
        }
    })
}

/// Reads `command`: a list, and no variables in it.
fn command(reader: &mut Reader<'_, '_>, field: &Field<'_>) -> Option<Vec<String>> {
    let elements = reader.findings.elements(field.value, "command")?;
    let mut words = Vec::new();
    for element in elements {
        let word = reader.findings.text(element, "command")?;
        if word.contains("${") {
            let message = "a variable in `command` would show its value in the list of processes";
            let hint = "pass it on with `env_allow` or `env`, and read it in a script";
            reader.findings.error(element.span, message, hint);
        }
        words.push(word);
    }
    if words.first().is_none_or(String::is_empty) {
        let message = "`command` names no program";
        reader.findings.error(field.span(), message, EXAMPLE);
    }
    Some(words)
}
