//! Keptn's API, as far as tidegate speaks it: its wire types and a client.
//!
//! The client knows the quirks of the API (token, paging, error bodies of every kind, texts in place of times), and
//! nothing of what the answers are for. A server that is no Keptn but answers like one will do.

mod cdevents;
mod client;
mod cloud_event_http;
mod emitter;
mod endpoint;
mod export;
mod expression;
mod failure;
mod objects;
mod question;
mod shipyard_text;
mod wire;

pub use client::{KeptnClient, NewProject, ResourcePlace, SendTrouble, SequenceQuestion};
pub use cloud_event_http::{DecodeError, decode};
pub use emitter::{EmitTarget, Emitter};
pub use endpoint::connection;
pub use export::events_of_export;
pub use expression::Expression;
pub use failure::CallError;
pub use objects::{
    Committed, EventContext, ExpandedProject, ExpandedService, ExpandedStage, Integration,
    IntegrationMetadata, KubernetesMetadata, LatestEvaluation, LatestEvent, LogEntry, Resource,
    ResourceMetadata, SecretMetadata, SequenceExecution, SequenceState, SequenceStateStage,
    Subscription, SubscriptionFilter,
};
pub use question::EventQuestion;
pub use shipyard_text::shipyard_of_text;
pub use wire::Metadata;
