//! Every system, by what the environment of one of its jobs looks like.

use super::*;

/// Reads the environment of a job.
#[expect(
    clippy::disallowed_methods,
    reason = "the environments lie in files that other tests share"
)]
fn environment(system: CiSystem) -> BTreeMap<String, String> {
    let path = format!("fixtures/ci/{system}.env");
    let text = std::fs::read_to_string(path).unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    text.lines().map(pair).collect()
}

/// Looks at an environment.
fn detected(environment: &BTreeMap<String, String>) -> Option<CiJob> {
    detect(&|name| environment.get(name).cloned())
}

/// Shows what is known of a job, a line for each.
fn shown(job: &CiJob) -> String {
    let labels = job.labels.iter();
    let labels = labels.map(|(name, value)| format!("{name}: {value}"));
    let more = [format!("repository: {:?}", job.repository)];
    labels.chain(more).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_system_is_told_by_the_environment_of_its_jobs() {
    for system in CiSystem::ALL {
        let job = detected(&environment(system)).unwrap();
        assert_eq!(job.system, system, "{system}");
        assert_eq!(job.commit.as_ref(), job.labels.get("commit"), "{system}");
        assert_eq!(job.url.as_ref(), job.labels.get("joburl"), "{system}");
        assert_eq!(system.name().parse(), Ok(system));
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "all systems are the point")]
fn every_system_says_what_it_knows_of_the_job() {
    let jobs = CiSystem::ALL.map(|system| {
        let job = detected(&environment(system)).unwrap();
        format!("[{system}]\n{}\n", shown(&job))
    });
    insta::assert_snapshot!(jobs.concat(), @r#"
    [gitea]
    branch: faster-carts
    buildId: 9012345678
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: release/gate
    joburl: https://git.example/acme/shop/actions/runs/9012345678
    repository: Some("acme/shop")
    [github]
    branch: faster-carts
    buildId: 9012345678
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: release/gate
    joburl: https://github.com/acme/shop/actions/runs/9012345678
    repository: Some("acme/shop")
    [gitlab]
    branch: faster-carts
    buildId: 31337
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://gitlab.example/acme/shop/-/jobs/99
    repository: Some("acme/shop")
    [azure]
    branch: feature/faster-carts
    buildId: 20240201.17
    buildNumber: 20240201.17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    definition: shop-release
    environment: staging
    jobname: shop-release
    joburl: https://dev.azure.com/acme/The%20Shop/_build/results?buildId=9001
    pipeline: https://dev.azure.com/acme/The%20Shop/_build/results?buildId=9001
    runby: Ada Lovelace
    repository: Some("acme/shop")
    [jenkins]
    branch: faster-carts
    buildId: 17
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop/PR-42
    joburl: https://jenkins.example/job/shop/job/PR-42/17/
    repository: None
    [circleci]
    branch: faster-carts
    buildId: 0a1b2c3d
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://circleci.com/gh/acme/shop/17
    repository: Some("acme/shop")
    [bitbucket]
    branch: faster-carts
    buildId: 17
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: acme/shop
    joburl: https://bitbucket.org/acme/shop/pipelines/results/17
    repository: Some("acme/shop")
    [teamcity]
    buildId: 17
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: Shop/Gate
    joburl: https://teamcity.example/build/17
    repository: None
    [buildkite]
    branch: main
    buildId: 0187-aa
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop/gate
    joburl: https://buildkite.com/acme/shop/builds/17#0187-bb
    repository: None
    [harness]
    branch: main
    buildId: 17
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop_release
    joburl: https://app.harness.io/17
    repository: Some("acme/shop")
    [woodpecker]
    branch: faster-carts
    buildId: 17
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://ci.example/repos/1/pipeline/17
    repository: Some("acme/shop")
    [drone]
    branch: faster-carts
    buildId: 17
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: acme/shop/gate
    joburl: https://drone.example/acme/shop/17
    repository: Some("acme/shop")
    [travis]
    branch: main
    buildId: 31337
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: acme/shop
    joburl: https://app.travis-ci.com/acme/shop/jobs/99
    repository: Some("acme/shop")
    [codebuild]
    branch: faster-carts
    buildId: shop:0a1b
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop
    joburl: https://eu-central-1.console.aws.amazon.com/codebuild/0a1b
    repository: None
    [cloudbuild]
    branch: main
    buildId: 0a1b
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://console.cloud.google.com/cloud-build/builds/0a1b?project=acme-shop
    repository: Some("acme/shop")
    [bamboo]
    branch: main
    buildId: ACME-SHOP-GATE-17
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: Acme - Shop
    joburl: https://bamboo.example/browse/ACME-SHOP-17
    repository: None
    [appveyor]
    branch: main
    buildId: 31337
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop
    joburl: https://ci.appveyor.com/project/acme/shop/builds/31337
    repository: Some("acme/shop")
    [cirrus]
    branch: pull/42
    buildId: 31337
    buildNumber: 99
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://cirrus-ci.com/task/99
    repository: Some("acme/shop")
    [codefresh]
    branch: faster-carts
    buildId: 0a1b
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop/gate
    joburl: https://g.codefresh.io/build/0a1b
    repository: Some("acme/shop")
    [prow]
    branch: main
    buildId: 17
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: pull-shop-gate
    repository: Some("acme/shop")
    [semaphore]
    branch: faster-carts
    buildId: 0a1b
    buildNumber: 17
    change: 42
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: gate
    joburl: https://acme.semaphoreci.com/jobs/99
    repository: Some("acme/shop")
    [gocd]
    buildId: 1.0.17
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    jobname: shop/verify/gate
    joburl: https://gocd.example/go/tab/build/detail/shop/17/verify/1/gate
    repository: None
    [argo]
    buildId: shop-gate-x7k2p-1234
    jobname: shop-gate-x7k2p
    repository: None
    [generic]
    buildId: 17
    buildNumber: 17
    commit: 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
    repository: None
    "#);
}

#[test]
fn a_job_of_its_own_kind_of_change_has_its_number() {
    let mut environment = environment(CiSystem::Buildkite);
    assert_eq!(detected(&environment).unwrap().change(), None);
    environment.insert("BUILDKITE_PULL_REQUEST".to_owned(), "42".to_owned());
    assert_eq!(detected(&environment).unwrap().change(), Some("42"));
}

#[test]
fn a_push_is_no_change() {
    let mut environment = environment(CiSystem::Github);
    environment.remove("GITHUB_HEAD_REF");
    environment.insert("GITHUB_REF".to_owned(), "refs/heads/main".to_owned());
    environment.insert("GITHUB_REF_NAME".to_owned(), "main".to_owned());
    let job = detected(&environment).unwrap();
    assert_eq!(job.change(), None);
    assert_eq!(job.labels.get("branch").map(String::as_str), Some("main"));
}

#[test]
fn no_system_is_found_where_there_is_none_or_it_is_switched_off() {
    assert_eq!(detected(&BTreeMap::new()), None);
    for off in ["false", "0"] {
        for system in CiSystem::ALL {
            let mut environment = environment(system);
            environment.insert("CI".to_owned(), off.to_owned());
            assert_eq!(detected(&environment), None, "{system}");
        }
    }
}

#[test]
fn an_agent_of_jenkins_without_a_build_is_no_job() {
    let mut environment = environment(CiSystem::Jenkins);
    environment.remove("BUILD_ID");
    environment.remove("BUILD_NUMBER");
    assert_eq!(detected(&environment), None);
}

#[test]
fn a_system_that_is_named_needs_no_sign_and_says_what_is_there() {
    let lookup = |name: &str| (name == "CI_JOB_NAME").then(|| "gate".to_owned());
    let job = job_of(CiSystem::Gitlab, &lookup);
    assert_eq!(job.system, CiSystem::Gitlab);
    assert_eq!(shown(&job), "jobname: gate\nrepository: None");
}

#[test]
fn a_release_of_azure_is_described_in_the_words_of_the_keptn_extension() {
    let mut environment = environment(CiSystem::Azure);
    for (name, value) in [
        ("RELEASE_DEFINITIONNAME", "shop to production"),
        ("RELEASE_ENVIRONMENTNAME", "production"),
        ("RELEASE_RELEASEWEBURL", "https://dev.azure.com/acme/r/7"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let labels = detected(&environment).unwrap().labels;
    let label = |name: &str| labels.get(name).map(String::as_str).unwrap();
    assert_eq!(label("buildId"), "20240201.17");
    assert_eq!(label("definition"), "shop to production");
    assert_eq!(label("environment"), "production");
    assert_eq!(label("pipeline"), "https://dev.azure.com/acme/r/7");
    assert_eq!(label("runby"), "Ada Lovelace");
}

#[test]
fn a_label_is_not_endless() {
    let lookup = |name: &str| (name == "CI_JOB_NAME").then(|| "x".repeat(10_000));
    let job = job_of(CiSystem::Gitlab, &lookup);
    assert_eq!(job.labels.get("jobname").map(String::len), Some(1000));
}
