import Testing
import Time

@testable import Kubernetes

@Suite("Requests")
struct RequestTests {
  static let shop = PodScope(namespace: "shop", labelSelector: "app in (a,b),!x", fieldSelector: "spec.nodeName=n-1")

  @Test(arguments: [
    (APIRequest.podList(PodScope()), "/api/v1/pods?resourceVersion=0"),
    (.podList(PodScope(), resourceVersion: ""), "/api/v1/pods?limit=500"),
    (
      .podList(PodScope(namespace: "shop"), resourceVersion: "12"),
      "/api/v1/namespaces/shop/pods?limit=500&resourceVersion=12&resourceVersionMatch=NotOlderThan"
    ),
    (
      .podList(PodScope(), resourceVersion: "12", continueToken: "a/b=="), "/api/v1/pods?limit=500&continue=a%2Fb%3D%3D"
    ),
    (
      .podList(shop),
      "/api/v1/namespaces/shop/pods?labelSelector=app%20in%20%28a%2Cb%29%2C%21x&fieldSelector=spec.nodeName%3Dn-1&resourceVersion=0"
    ),
    (
      .podWatch(PodScope(namespace: "shop"), resourceVersion: "9", timeoutSeconds: 345),
      "/api/v1/namespaces/shop/pods?watch=1&resourceVersion=9&allowWatchBookmarks=true&timeoutSeconds=345"
    ),
    (.pod(namespace: "a/b", name: "c?d"), "/api/v1/namespaces/a%2Fb/pods/c%3Fd"),
    (
      .podLog(namespace: "shop", name: "p", container: "api", previous: true, tailLines: 200, limit: 1),
      "/api/v1/namespaces/shop/pods/p/log?container=api&previous=true&tailLines=200"
    ),
    (
      .podLog(namespace: "shop", name: "p", container: "api", tailLines: 5, limit: 1),
      "/api/v1/namespaces/shop/pods/p/log?container=api&tailLines=5"
    ),
    (
      .events(namespace: "shop", involvedUID: "u-1"),
      "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.uid%3Du-1&limit=500"
    ),
    (.replicaSet(namespace: "shop", name: "r"), "/apis/apps/v1/namespaces/shop/replicasets/r"),
    (.deployment(namespace: "shop", name: "d"), "/apis/apps/v1/namespaces/shop/deployments/d"),
    (.configMap(namespace: "shop", name: "c"), "/api/v1/namespaces/shop/configmaps/c"),
    (.lease(namespace: "ops", name: "l"), "/apis/coordination.k8s.io/v1/namespaces/ops/leases/l"),
    (.namespace("shop"), "/api/v1/namespaces/shop"), (.version, "/version"),
  ])
  func targets(request: APIRequest, expected: String) {
    #expect(request.method == .get)
    #expect(request.body == nil)
    #expect(request.target == expected)
  }

  @Test func leases() throws {
    var lease = LeaseSnapshot(
      namespace: "ops", name: "kube-mind", resourceVersion: "5", holder: "host_\"1\"", durationSeconds: 15,
      acquiredAt: Timestamp(rfc3339: "2026-11-23T02:05:35.806287Z"),
      renewedAt: Timestamp(rfc3339: "2026-11-23T02:05:36Z"),
      transitions: 2)
    #expect(try LeaseSnapshot(json: lease.json) == lease)
    #expect(APIRequest.updateLease(lease).method == .put)
    #expect(APIRequest.updateLease(lease).target == "/apis/coordination.k8s.io/v1/namespaces/ops/leases/kube-mind")
    #expect(APIRequest.updateLease(lease).body == lease.json)
    lease.resourceVersion = ""
    #expect(APIRequest.createLease(lease).method == .post)
    #expect(APIRequest.createLease(lease).target == "/apis/coordination.k8s.io/v1/namespaces/ops/leases")
    #expect(
      String(decoding: lease.json, as: UTF8.self)
        == #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"kube-mind","namespace":"ops"},"spec":{"holderIdentity":"host_\"1\"","leaseDurationSeconds":15,"acquireTime":"2026-11-23T02:05:35.806287Z","renewTime":"2026-11-23T02:05:36.000000Z","leaseTransitions":2}}"#
    )
  }

  @Test("whoever made a Lease put labels and owners on it: they go back as they came")
  func leaseMetadata() throws {
    let json =
      #"{"kind":"Lease","metadata":{"labels":{"a":"b \"c\""},"uid":"1","name":"l","managedFields":[{"x":1}],"namespace":"n","resourceVersion":"7","annotations":{}}}"#
    let lease = try LeaseSnapshot(json: Array(json.utf8))
    #expect(
      String(decoding: lease.json, as: UTF8.self)
        == #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"n","resourceVersion":"7","labels":{"a":"b \"c\""},"uid":"1","annotations":{}},"spec":{"holderIdentity":"","leaseDurationSeconds":0,"leaseTransitions":0}}"#
    )
    #expect(try LeaseSnapshot(json: lease.json) == lease)
  }

  @Test func accessReviews() {
    let review = AccessReview(verb: "get", resource: "pods", subresource: "log", namespace: "shop")
    #expect(review.request.method == .post)
    #expect(
      String(decoding: review.request.body ?? [], as: UTF8.self)
        == #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods","subresource":"log","namespace":"shop"}}}"#
    )
    #expect(AccessReview.allowed(Array(#"{"status":{"allowed":true}}"#.utf8)) == true)
    #expect(AccessReview.allowed(Array(#"{"status":{}}"#.utf8)) == nil)
  }
}
