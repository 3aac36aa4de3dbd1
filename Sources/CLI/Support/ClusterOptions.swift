internal import ArgumentParser

/// Which cluster, for the commands that read one.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Kubeconfig file. Default: KUBECONFIG, then the pod's service account, then ~/.kube/config.", valueName: "file"),
    completion: .file())
  var kubeconfig: String?

  @Option(
    help: ArgumentHelp("Context of the kubeconfig. Default: its current context.", valueName: "name"),
    completion: LiveCompletion.contexts)
  var context: String?
}
