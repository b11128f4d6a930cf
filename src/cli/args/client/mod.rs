//! The commands that drive a control plane: a Keptn, or `tidegate serve`.

mod approve;
mod auth;
mod connection;
mod get;
mod manage;
mod resource;
mod sequence;
mod trigger;

pub use approve::ApprovalArgs;
pub use auth::{AuthArgs, StatusArgs};
pub use connection::ConnectionArgs;
pub use get::{GetArgs, GetCommand, GetEventsArgs, GetListArgs, GetSequencesArgs};
pub use manage::{
    CreateArgs, CreateCommand, DeleteArgs, DeleteCommand, DeleteResourceArgs, GitArgs, ProjectArgs,
    SecretArgs, ServiceNameArgs, UpdateArgs, UpdateCommand, UpdateProjectArgs,
};
pub use resource::{AddResourceArgs, SendArgs, SendCommand, SendEventArgs};
pub use sequence::{ControlArgs, ControlNoun, ControlNounArgs, SequenceArgs, SequenceCommand};
pub use trigger::{
    DeliveryArgs, RemoteEvaluationArgs, TriggerArgs, TriggerCommand, TriggerSequenceArgs, WaitArgs,
};
