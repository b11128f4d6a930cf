//! Evaluations as the `CloudEvents` that Keptn stores and sends (lighthouse.md 8). Pure: bytes in, values out.

mod additions;
mod cloud_event;
mod data;
mod evaluation_events;
mod legacy;
mod past;
mod steering_events;
mod stored;
mod trend_points;
mod wire;

pub use cloud_event::{CloudEvent, EventType, parse_time};
pub use data::EventData;
pub use evaluation_events::{SOURCE, finished_event, keptn_time, triggered_event};
pub use legacy::upgrade;
pub use past::{PastError, decode_past, window_start};
pub use steering_events::{Saying, Word};
pub use stored::{RecordError, decode_record};
pub use trend_points::trend_point;
