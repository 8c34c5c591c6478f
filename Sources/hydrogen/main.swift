print("hydrogen")
