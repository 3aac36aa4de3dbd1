import Testing
import Time

@testable import Kubernetes

@Suite("What a request is authorized as")
struct RequestAttributesTests {
  @Test(arguments: [
    (APIRequest.pod(namespace: "shop", name: "a"), "get", "", "pods", "", "shop", "a"),
    (.podList(PodScope(), resourceVersion: "0"), "list", "", "pods", "", nil, ""),
    (.podList(PodScope(namespace: "shop"), resourceVersion: "0"), "list", "", "pods", "", "shop", ""),
    (.namespace("shop"), "get", "", "namespaces", "", nil, "shop"),
    (.configMap(namespace: "shop", name: "c"), "get", "", "configmaps", "", "shop", "c"),
    (APIRequest(path: "/api/v1/namespaces/shop/pods/a/log"), "get", "", "pods", "log", "shop", "a"),
    (APIRequest(path: "/api/v1/pods", query: [.init("watch", "1")]), "watch", "", "pods", "", nil, ""),
    (
      APIRequest(method: .put, path: "/apis/coordination.k8s.io/v1/namespaces/k/leases/l"), "update",
      "coordination.k8s.io", "leases", "", "k", "l"
    ),
    (
      APIRequest(method: .post, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"), "create",
      "authorization.k8s.io", "selfsubjectaccessreviews", "", nil, ""
    ),
  ])
  func attributes(
    request: APIRequest, verb: String, group: String, resource: String, subresource: String, namespace: String?,
    name: String
  ) {
    #expect(
      request.attributes
        == AccessReview(
          verb: verb, group: group, resource: resource, subresource: subresource, namespace: namespace, name: name))
  }

  @Test(arguments: ["/version", "/", "/apis", "/api/v1", "/apis/apps/v1", "/healthz/etcd"])
  func noResource(path: String) {
    #expect(APIRequest(path: path).attributes == nil)
    #expect(APIExchange(APIRequest(path: path), code: "200", took: .zero).resource == "other")
  }

  @Test("a label never holds a name of the cluster")
  func exchange() {
    let exchange = APIExchange(
      APIRequest(path: "/api/v1/namespaces/shop/pods/a/log"), code: "404", took: .milliseconds(3))
    #expect(exchange.resource == "pods/log")
    #expect(exchange.verb == "get")
  }
}
