package embedded

import (
	"crypto/tls"
	"net"
	"strconv"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

// clusterName is stored in every database: never change it.
const clusterName = "active"

// newTemporal takes its ports already, and not only when the server is started.
func newTemporal(db database, p *ports, certified *tls.Config, pollsFor time.Duration, log *logger) (_ temporal.Server, err error) {
	defer func() { // it calls Fatal where it might return an error
		if f, ok := recover().(fatal); ok {
			err = f
		}
	}()
	ports := map[primitives.ServiceName]int{
		primitives.FrontendService: p.frontend.take(),
		primitives.HistoryService:  p.history.take(),
		primitives.MatchingService: p.matching.take(),
		primitives.WorkerService:   p.worker.take(),
	}
	services := map[string]config.Service{}
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, port := range ports {
		services[string(name)] = config.Service{RPC: config.RPC{BindOnIP: Loopback, GRPCPort: port}}
		hosts[name] = static.SingleLocalHost(net.JoinHostPort(Loopback, strconv.Itoa(port)))
	}
	frontend := hosts[primitives.FrontendService].Self

	off := config.ArchivalNamespaceDefaults{
		History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
		Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
	}
	cfg := &config.Config{
		Global: config.Global{Membership: config.Membership{
			MaxJoinDuration:  30 * time.Second,
			BroadcastAddress: Loopback,
		}},
		Persistence: config.Persistence{
			DefaultStore:     "sqlite",
			VisibilityStore:  "sqlite",
			NumHistoryShards: 1, // more of them only fight for the one writer
			DataStores:       map[string]config.DataStore{"sqlite": {SQL: db.config()}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: off},
		PublicClient:      config.PublicClient{HostPort: frontend},
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(log),
		temporal.WithTLSConfigFactory(everywhere(certified)),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
		temporal.WithDynamicConfigClient(settings(pollsFor)),
	)
	if err != nil {
		return nil, err // and not a typed nil, which NewServer returns
	}
	return server, nil
}

// settings are the server's dynamic configuration, fixed for the life of the
// process. What is not named here is as the server has it.
func settings(pollsFor time.Duration) dynamicconfig.StaticClient {
	// The limits protect a cluster from its tenants. Here there is one tenant,
	// and the disk is the limit.
	const plenty = 100_000
	all := dynamicconfig.StaticClient{
		dynamicconfig.FrontendRPS.Key():                                         plenty,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():                  plenty,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key():        plenty,
		dynamicconfig.FrontendMaxConcurrentLongRunningRequestsPerInstance.Key(): plenty,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():                           plenty,
		dynamicconfig.HistoryRPS.Key():                                          plenty,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():                            plenty,
		dynamicconfig.MatchingRPS.Key():                                         plenty,
		dynamicconfig.MatchingPersistenceMaxQPS.Key():                           plenty,
		dynamicconfig.WorkerPersistenceMaxQPS.Key():                             plenty,

		// Task queues are parted to spread them over hosts. On one host a parted
		// queue only looks for its tasks longer: 1,500 waiting ones were handed out
		// at 65 a second, at 100 undivided. To raise these is harmless, to lower
		// them strands tasks.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,

		// A command is an update, and the first one starts its workflow with it.
		dynamicconfig.FrontendEnableUpdateWorkflowExecution.Key():              true,
		dynamicconfig.FrontendEnableUpdateWorkflowExecutionAsyncAccepted.Key(): true,

		// Nothing here asks the world whether there is a newer server.
		dynamicconfig.EnableServerVersionCheck.Key(): false,

		// The server's own bound on workflows held in memory is for a bigger machine.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8192,
	}
	if pollsFor > 0 {
		all[dynamicconfig.MatchingLongPollExpirationInterval.Key()] = pollsFor
	}
	return all
}
