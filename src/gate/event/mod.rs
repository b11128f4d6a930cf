//! Evaluations as the `CloudEvents` that Keptn stores and sends (lighthouse.md 8). Pure: bytes in, values out.

mod cloud_event;

pub use cloud_event::{CloudEvent, EventType};
