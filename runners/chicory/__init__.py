"""The runner of Chicory: a Java program (`java/`), built once with the machine's JDK, its jars locked by hash."""
