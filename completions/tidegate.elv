set edit:completion:arg-completer[tidegate] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) TIDEGATE_COMPLETE="elvish" tidegate -- $@words) | to-lines
}
