//! What Keptn's strategies say to an approval (controlplane.md 4.1).

use serde_json::{Map, Value};

/// What follows from the result of the task before, and the strategies of the shipyard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalDecision {
    /// It goes on by itself; a warning becomes a pass.
    Approved,
    /// It does not go on, whatever anybody says.
    Declined,
    /// A person decides.
    Manual,
}

impl ApprovalDecision {
    /// Decides by the data of an `approval.triggered` event: `result` (else that of the evaluation) and the strategies in
    /// `approval`. A strategy that is not set is manual.
    #[must_use]
    pub fn of(data: &Map<String, Value>) -> Self {
        let result = Self::result_of(data);
        match result {
            "pass" | "warning" if is_automatic(data, result) => Self::Approved,
            "fail" => Self::Declined,
            _ => Self::Manual,
        }
    }

    /// Returns the result that the decision is about; "" where there is none.
    #[must_use]
    pub fn result_of(data: &Map<String, Value>) -> &str {
        let own = data.get("result").and_then(Value::as_str);
        let of_evaluation = data
            .get("evaluation")
            .and_then(|evaluation| evaluation.get("result"));
        own.filter(|word| !word.is_empty())
            .or_else(|| of_evaluation.and_then(Value::as_str))
            .unwrap_or_default()
    }

    /// Returns what Keptn calls it.
    #[must_use]
    pub fn strategy(self) -> &'static str {
        match self {
            Self::Approved | Self::Declined => "automatic",
            Self::Manual => "manual",
        }
    }
}

/// Tells whether the strategy for a result is `automatic`.
fn is_automatic(data: &Map<String, Value>, result: &str) -> bool {
    let strategies = data.get("approval");
    let strategy = strategies.and_then(|strategies| strategies.get(result));
    strategy.and_then(Value::as_str) == Some("automatic")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ApprovalDecision::{Approved, Declined, Manual};
    use super::*;

    fn decide(data: Value) -> ApprovalDecision {
        let Value::Object(data) = data else {
            panic!("an object");
        };
        ApprovalDecision::of(&data)
    }

    #[test]
    fn s29_the_matrix_of_results_and_strategies() {
        for (result, pass, warning, expected) in [
            ("pass", "automatic", "automatic", Approved),
            ("pass", "automatic", "manual", Approved),
            ("pass", "manual", "automatic", Manual),
            ("pass", "manual", "manual", Manual),
            ("warning", "automatic", "automatic", Approved),
            ("warning", "automatic", "manual", Manual),
            ("warning", "manual", "automatic", Approved),
            ("warning", "manual", "manual", Manual),
            ("fail", "automatic", "automatic", Declined),
            ("fail", "manual", "manual", Declined),
            ("", "automatic", "automatic", Manual),
            ("passed", "automatic", "automatic", Manual),
        ] {
            let data = json!({"result": result, "approval": {"pass": pass, "warning": warning}});
            assert_eq!(decide(data), expected, "{result} {pass} {warning}");
        }
    }

    #[test]
    fn what_is_not_set_is_manual_and_the_evaluation_stands_in_for_the_result() {
        assert_eq!(decide(json!({"result": "pass"})), Manual);
        assert_eq!(decide(json!({"result": "pass", "approval": null})), Manual);
        assert_eq!(
            decide(json!({"result": "pass", "approval": {"pass": "auto"}})),
            Manual
        );
        let automatic = json!({"pass": "automatic"});
        let data = json!({"evaluation": {"result": "pass"}, "approval": automatic});
        assert_eq!(decide(data), Approved);
        let data =
            json!({"result": "fail", "evaluation": {"result": "pass"}, "approval": automatic});
        assert_eq!(decide(data), Declined);
        assert_eq!(decide(json!({})), Manual);
    }
}
