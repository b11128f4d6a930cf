//! The names that files at hand define, for completion: no problem is told, nobody is asked.

use super::World;
use super::target::{Preparation, Target, configure, prepare_with};
use crate::app::indicator_names;
use crate::cli::args::MeasureArgs;
use crate::cli::clock;
use crate::cli::console::{Console, Volume};
use crate::cli::environment::{ColourChoice, Environment};
use crate::config::{Layer, Reality};

/// Names that can be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// The SLIs.
    pub indicators: Vec<String>,
    /// The providers that an SLI may name.
    pub providers: Vec<String>,
}

/// Reads the names; where a file is wrong, there are fewer.
pub fn known_names(args: &MeasureArgs, environment: &Environment) -> KnownNames {
    let world = World {
        environment,
        console: Console::new(environment, ColourChoice::Never, Volume::Quiet),
    };
    let target = Target::one(args.slo.as_deref());
    let Ok(configured) = configure(&target, args, Layer::default(), Reality::DryRun, &world) else {
        return KnownNames::default();
    };
    let preparation = Preparation {
        target: &target,
        args,
        values: None,
        configured: &configured,
        now: clock::now(),
    };
    let indicators = prepare_with(&preparation, &world, |request| Ok(indicator_names(request)));
    let text = |name: &dyn ToString| name.to_string();
    KnownNames {
        indicators: indicators
            .unwrap_or_default()
            .iter()
            .map(|name| text(name))
            .collect(),
        providers: configured
            .providers
            .all
            .keys()
            .map(|name| text(name))
            .collect(),
    }
}
