{{- define "kube-mind.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- /* At most 52 characters, so that names made from it stay below Kubernetes' 63. */}}
{{- define "kube-mind.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "kube-mind.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "kube-mind.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kube-mind.selector" -}}
app.kubernetes.io/name: {{ include "kube-mind.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kube-mind.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "kube-mind.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "kube-mind.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kube-mind.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* The Secret with the client's certificate; empty for none. */}}
{{- define "kube-mind.tlsSecret" -}}
{{- $tls := .Values.orchestrator.tls }}
{{- if $tls.secretName }}{{ $tls.secretName }}{{ else if $tls.certManager.enabled }}{{ include "kube-mind.fullname" . }}-tls{{ end }}
{{- end }}

{{- define "kube-mind.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* What the program reads, and all that it reads: the promise of the security model. No Secrets, no writes. */}}
{{- define "kube-mind.readRules" -}}
- apiGroups: [""]
  resources: [pods, pods/log, events, configmaps]
  verbs: [get, list, watch]
- apiGroups: [apps]
  resources: [deployments, replicasets]
  verbs: [get, list, watch]
{{- end }}

{{- /* One right more, where config.harvest.jobs asks for what it allows. */}}
{{- define "kube-mind.jobRules" -}}
{{- if dig "harvest" "jobs" false .Values.config }}
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get]
{{- end }}
{{- end }}

{{- /* The program's configuration file: what the values say, and .Values.config merged over it. */}}
{{- define "kube-mind.config" -}}
{{- $orchestrator := dict "url" (required "orchestrator.url is required: https://host:port of the server that takes incidents" .Values.orchestrator.url) }}
{{- if include "kube-mind.tlsSecret" . }}
{{- $_ := set $orchestrator "ca" "/etc/kube-mind/tls/ca.crt" }}
{{- $_ := set $orchestrator "certificate" "/etc/kube-mind/tls/tls.crt" }}
{{- $_ := set $orchestrator "key" "/etc/kube-mind/tls/tls.key" }}
{{- end }}
{{- with .Values.orchestrator.tls.serverName }}
{{- $_ := set $orchestrator "serverName" . }}
{{- end }}
{{- $config := dict
  "orchestrator" $orchestrator
  "leaderElection" (dict "enabled" true "name" (include "kube-mind.fullname" .))
  "log" (dict "format" "json" "level" .Values.log.level)
  "http" (dict "address" "0.0.0.0:8080") }}
{{- if .Values.outbox.enabled }}
{{- $_ := set $config "outbox" (dict "directory" "/var/lib/kube-mind/outbox") }}
{{- end }}
{{- with .Values.clusterName }}
{{- $_ := set $config "cluster" (dict "name" .) }}
{{- end }}
{{- with .Values.watch.namespaces }}
{{- $_ := set $config "kubernetes" (dict "namespaces" .) }}
{{- end }}
{{- toYaml (mergeOverwrite $config .Values.config) }}
{{- end }}
