StoreCommands.main()
