# Builds kube-mind from source. `scripts/dist.sh` writes the release's own formula to dist/, with the archive's url and
# sha256 in place of the line that says so; this one builds what is on the main branch.
class KubeMind < Formula
  desc "Sees Kubernetes workloads fail and streams each incident with its secrets masked"
  homepage "https://kube-mind.dev"
  # release: url and sha256
  license "Apache-2.0"
  head "https://kube-mind.dev/kube-mind.git", branch: "main"

  depends_on "pkgconf" => :build
  depends_on "curl"
  depends_on "libnghttp2"
  depends_on "libyaml"
  depends_on macos: :sequoia
  depends_on "openssl@3"
  depends_on "re2"
  uses_from_macos "swift" => :build, since: :sequoia

  def install
    # Homebrew has a sandbox of its own, and the package manager's cannot be put inside it.
    system "scripts/release.sh", "--disable-sandbox"
    bin.install "dist/kube-mind"
    # kubectl finds its plugins, and their completions, by these names.
    bin.install_symlink "kube-mind" => "kubectl-mind"
    bin.install "deploy/krew/kubectl_complete-mind"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/kube-mind.bash" => "kube-mind"
    zsh_completion.install "completions/_kube-mind"
    fish_completion.install "completions/kube-mind.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kube-mind --version") unless head?
    assert_match "kubectl mind", shell_output("#{bin}/kubectl-mind --help")
    masked = pipe_output("#{bin}/kube-mind redact --name app.yaml -", "password: correct-horse-battery\n", 0)
    assert_match "[REDACTED]", masked
    refute_match "correct-horse", masked
  end
end
