//! S1 to S8: from trigger to end, and who waits for whom.

use serde_json::json;

use super::world::World;

#[test]
fn s01_a_delivery_goes_from_task_to_task() {
    let mut world = World::new("dev.delivery: deployment test evaluation release");
    let values = json!({"configurationChange": {"values": {"image": "reg/app:1.2"}}});
    world.trigger_with("A", "dev.delivery", values.clone());
    for task in ["deployment", "test", "evaluation", "release"] {
        world.started("A", task);
        world.finished("A", task, "pass", json!({task: {"by": task}}));
    }
    insta::assert_snapshot!(world.said(), @"");
    let last = world.data("release.triggered");
    assert_eq!(last["configurationChange"], values["configurationChange"]);
    for task in ["deployment", "test", "evaluation"] {
        assert_eq!(last[task]["by"], task);
    }
    assert_eq!(world.states("A"), ["dev.delivery finished"]);
    assert_eq!(world.engine.open().count(), 0);
}
