complete --keep-order --exclusive --command tidegate --arguments "(TIDEGATE_COMPLETE=fish tidegate -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
