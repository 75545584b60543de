// Package client answers the Temporal server that asks for workers which it starts by itself: there are none, and there can be none.
package client

import (
	"context"

	"go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/auto-scaled-workers/wci/workflow/iface"
	"go.temporal.io/server/common/namespace"
	"go.uber.org/fx"
)

// Module gives the server its Client.
var Module = fx.Provide(func() Client { return none{} })

// A Client is what the server asks about the compute configuration of a version of a deployment.
type Client interface {
	// DescribeWorkerControllerInstance returns a NotFound.
	DescribeWorkerControllerInstance(context.Context, *namespace.Namespace, *deployment.WorkerDeploymentVersion) (
		*iface.QueryDescribeWorkerControllerInstanceResponse, []byte, error)

	// UpdateWorkerControllerInstance returns an InvalidArgument.
	UpdateWorkerControllerInstance(ctx context.Context, ns *namespace.Namespace, version *deployment.WorkerDeploymentVersion,
		conflictToken []byte, identity string, upsert map[string]iface.ScalingGroupSpecUpdate, remove []string) (
		*iface.UpdateWorkerControllerInstanceResponse, error)

	// ValidateWorkerControllerInstanceSpec returns an InvalidArgument.
	ValidateWorkerControllerInstanceSpec(ctx context.Context, ns *namespace.Namespace, version *deployment.WorkerDeploymentVersion,
		identity string, upsert map[string]iface.ScalingGroupSpecUpdate, remove []string) error

	// DeleteWorkerControllerInstance returns nil: what is to go is not there.
	DeleteWorkerControllerInstance(ctx context.Context, ns *namespace.Namespace, version *deployment.WorkerDeploymentVersion,
		identity string) error
}

type none struct{}

func (none) DescribeWorkerControllerInstance(context.Context, *namespace.Namespace, *deployment.WorkerDeploymentVersion) (
	*iface.QueryDescribeWorkerControllerInstanceResponse, []byte, error) {

	return nil, nil, serviceerror.NewNotFound("this server starts no workers")
}

func (none) UpdateWorkerControllerInstance(context.Context, *namespace.Namespace, *deployment.WorkerDeploymentVersion, []byte, string,
	map[string]iface.ScalingGroupSpecUpdate, []string) (*iface.UpdateWorkerControllerInstanceResponse, error) {

	return nil, errNone
}

func (none) ValidateWorkerControllerInstanceSpec(context.Context, *namespace.Namespace, *deployment.WorkerDeploymentVersion, string,
	map[string]iface.ScalingGroupSpecUpdate, []string) error {

	return errNone
}

func (none) DeleteWorkerControllerInstance(context.Context, *namespace.Namespace, *deployment.WorkerDeploymentVersion, string) error {
	return nil
}

var errNone = serviceerror.NewInvalidArgument("the Temporal server inside tickmark-solo starts no workers")
