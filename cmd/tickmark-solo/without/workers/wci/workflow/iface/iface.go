// Package iface has the words in which the Temporal server speaks of workers that it would start by itself.
package iface

import (
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
)

// A ComputeProviderType names a cloud that starts workers, and a ScalingAlgorithmType how their number is found.
type (
	ComputeProviderType  string
	ScalingAlgorithmType string
)

// A ComputeProviderSpec says where workers are started.
type ComputeProviderSpec struct {
	ProviderType  ComputeProviderType `json:"provider_type,omitempty"`
	Config        *common.Payload     `json:"config,omitempty"`
	NexusEndpoint string              `json:"nexus_endpoint,omitempty"`
}

// A ScalingAlgorithmSpec says how many workers are started.
type ScalingAlgorithmSpec struct {
	ScalingAlgorithm ScalingAlgorithmType `json:"scaling_algorithm,omitempty"`
	Config           *common.Payload      `json:"config,omitempty"`
}

// A ScalingGroupSpec says which tasks its workers are for.
type ScalingGroupSpec struct {
	TaskTypes []enums.TaskQueueType `json:"task_types"`
	Compute   ComputeProviderSpec   `json:"compute"`
	Scaling   *ScalingAlgorithmSpec `json:"scaling,omitempty"`
}

// A ScalingGroupSpecUpdate changes the named fields of a group.
type ScalingGroupSpecUpdate struct {
	Spec       ScalingGroupSpec `json:"spec"`
	UpdateMask []string         `json:"update_mask"`
}

// A WorkerControllerInstanceSpec is the groups of one version of a deployment, by name.
type WorkerControllerInstanceSpec struct {
	ScalingGroupSpecs map[string]ScalingGroupSpec `json:"scaling_group_specs"`
}

// A ValidationResult says how a validation ended.
type ValidationResult string

// ValidationResultFailed is that of a validation that failed.
const ValidationResultFailed ValidationResult = "failed"

// A ValidationStatus says what the last validation of a spec found.
type ValidationStatus struct {
	Status             ValidationResult `json:"status"`
	ErrMessage         string           `json:"err_message"`
	LastValidationTime time.Time        `json:"last_validation_time"`
}

// A QueryDescribeWorkerControllerInstanceResponse is what there is of a version.
type QueryDescribeWorkerControllerInstanceResponse struct {
	Spec             *WorkerControllerInstanceSpec `json:"spec,omitempty"`
	ValidationStatus *ValidationStatus             `json:"validation_state,omitempty"`
}

// An UpdateWorkerControllerInstanceResponse is what a version has now.
type UpdateWorkerControllerInstanceResponse struct {
	Spec *WorkerControllerInstanceSpec `json:"spec,omitempty"`
}
