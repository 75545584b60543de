// Package workercomponent adds nothing to the server's own workers: there is nothing that they would scale.
package workercomponent

import "go.uber.org/fx"

// Module is empty.
var Module = fx.Options()
