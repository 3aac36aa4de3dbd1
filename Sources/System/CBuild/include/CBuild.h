// What the program was built from. The build says it by macros (Package.swift), and this target alone is compiled anew for them.

/// The commit, 40 hexadecimal digits; "unknown" where the build did not say.
const char *kube_mind_build_commit(void);
/// The Swift compiler's version, e.g. "6.3.1"; "unknown" where the build did not say.
const char *kube_mind_build_swift(void);
