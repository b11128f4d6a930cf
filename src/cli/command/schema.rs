//! `tidegate schema`.

use crate::cli::args::{SchemaArgs, SchemaKind};
use crate::cli::console::print;
use crate::cli::exit::Exit;
use crate::config::config_schema;
use crate::report::{pretty, result_schema};
use crate::spec::{sli_schema, slo_schema};

/// Prints a schema.
pub fn schema(args: &SchemaArgs) -> Exit {
    let schema = match args.kind {
        SchemaKind::Slo => slo_schema(),
        SchemaKind::Sli => sli_schema(),
        SchemaKind::Config => config_schema(),
        SchemaKind::Result => result_schema(),
    };
    print(&pretty(&schema))
}
