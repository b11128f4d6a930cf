def "nu-complete tidegate" [spans: list<string>] {
    try {
        with-env { TIDEGATE_COMPLETE: nushell } { ^tidegate -- ...$spans | from json }
    } catch {
        null
    }
}

@complete "nu-complete tidegate"
export extern "tidegate" []
