package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) slackCommands() *cobra.Command {
	return group("slack", "The firm's Slack workspaces, and who people are there",
		a.slackList(), a.slackAdd(), a.slackShow(), a.slackEdit(), a.slackRemove(), a.slackInstall(), a.slackManifest(), a.slackBind(),
		a.slackUnbind())
}

var (
	workspaceStates = map[string]string{"pending": "not connected yet", "active": "connected", "disconnected": "mail goes out instead"}
	bindingStates   = map[string]string{"missing": "nobody there has their address", "asked": "has not said yet whether that is them",
		"confirmed": "it is them", "refused": "said that it is not them", "dead": "the account cannot be written to"}
)

func (a *app) slackList() *cobra.Command {
	return a.command(spec{
		use: "list", short: "List the Slack workspaces",
		example: "slack list",
		flags:   a.csvVar,
		run: func(ctx context.Context, _ []string) error {
			l, ans, err := decode[client.WorkspaceList](a.ask(a.api.ListWorkspaces(ctx)))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, w := range l.Items {
					rows = append(rows, []string{w.ID, w.Name, firstOf(string(w.Client), "the firm"), w.State, w.Reason})
				}
				a.table([]string{"WORKSPACE", "NAME", "OF", "STATE", "WHY"}, rows)
			})
		},
	})
}

const secretsLong = "Secrets are never written on the command line, where others could read them: --bot-token-file, " +
	"--signing-secret-file,\n" +
	"--app-token-file and --client-secret-file each name a file that holds one, or - for the standard input."

// A workspaceSecrets names the files of the secrets of a workspace.
type workspaceSecrets struct{ token, signing, app, oauth string }

func (s *workspaceSecrets) flags(f *pflag.FlagSet) {
	f.StringVar(&s.token, "bot-token-file", "", "`FILE` with the Bot User OAuth Token, xoxb-…: with it the workspace is connected at once")
	f.StringVar(&s.signing, "signing-secret-file", "", "`FILE` with the Signing Secret")
	f.StringVar(&s.app, "app-token-file", "", "`FILE` with an app-level token, xapp-…: for Socket Mode")
	f.StringVar(&s.oauth, "client-secret-file", "", "`FILE` with the Client Secret: to install from a page")
}

// workspaceVars adds the flags for what is no secret of a workspace.
func workspaceVars(f *pflag.FlagSet, w *client.NewWorkspace) {
	f.BoolVar(&w.SocketMode, "socket-mode", false, "Slack is asked instead of telling us: for firms behind a firewall")
	f.BoolVar(&w.Trusted, "trusted", false, "an address that is found there is that person: nobody is asked whether it is them")
	f.StringVar(&w.ClientID, "client-id", "", "the app's Client ID: to install from a page")
}

// secrets reads the secrets of a workspace.
func (a *app) secrets(files workspaceSecrets) (client.WorkspaceChange, error) {
	var out client.WorkspaceChange
	if by := []string{files.token, files.signing, files.app,
		files.oauth}; len(slices.DeleteFunc(by, func(f string) bool { return f != "-" })) > 1 {
		return out, misused("the standard input holds one secret: name files for the others")
	}
	for _, s := range []struct {
		file, what string
		to         **string
	}{
		{files.token, "a bot token", &out.Token}, {files.signing, "a signing secret", &out.SigningSecret},
		{files.app, "an app-level token", &out.AppToken}, {files.oauth, "a client secret", &out.ClientSecret},
	} {
		if s.file == "" {
			continue
		}
		name, data, err := a.contents(s.file)
		if err != nil {
			return out, failed(exitUsage, "the file with %s cannot be read: %w", s.what, err)
		}
		secret, err := oneWord(strings.TrimSpace(string(data)), name, s.what)
		if err != nil {
			return out, err
		}
		*s.to = &secret
	}
	return out, nil
}

func (a *app) slackAdd() *cobra.Command {
	var in client.NewWorkspace
	var files workspaceSecrets
	return a.command(spec{
		use: "add NAME", short: "Add a Slack workspace, the firm's own or a client's",
		long: "Add a Slack workspace: the firm's own, or with --client a client's; each has one. Its app is made of what slack manifest\n" +
			"prints; the app's secrets can be added then, with slack edit. With the bot token the workspace is connected at once; with\n" +
			"--client-id and the client secret slack install connects it from a page.\n" + secretsLong,
		example: "slack add 'Harbor' --id hq\n" +
			"slack add 'Harbor' --id hq --signing-secret-file ~/signing-secret --bot-token-file ~/bot-token\n" +
			"slack add 'Northgate Systems' --client northgate --signing-secret-file - --client-id 1234567890.987654321 --client-secret-file " +
			"~/client-secret\n" +
			"slack add 'Harbor' --socket-mode --app-token-file ~/app-token --bot-token-file ~/bot-token",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.ID, "id", "", "short name, part of the addresses that Slack calls (default: a random one)")
			wordVar(f, &in.Client, "client", "whose workspace it is (default: the firm's own)")
			workspaceVars(f, &in)
			files.flags(f)
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			s, err := a.secrets(files)
			if err != nil {
				return err
			}
			in.Name = args[0]
			for _, x := range []struct{ to, from *string }{{&in.Token, s.Token}, {&in.SigningSecret, s.SigningSecret}, {&in.AppToken, s.AppToken},
				{&in.ClientSecret, s.ClientSecret}} {
				if x.from != nil {
					*x.to = *x.from
				}
			}
			return a.showWorkspace(a.ask(a.api.AddWorkspace(ctx, &client.AddWorkspaceParams{IdempotencyKey: a.once()}, in)))
		},
	})
}

func (a *app) slackEdit() *cobra.Command {
	var in client.NewWorkspace
	var files workspaceSecrets
	var f *pflag.FlagSet
	var endFormer bool
	return a.command(spec{
		use: "edit WORKSPACE", short: "Change a Slack workspace, or connect it with a token",
		long: "Change a Slack workspace: what is not named stays. A bot token is checked with Slack, and connects it. A new signing secret\n" +
			"leaves the one before good for 24 hours; --end-former ends that at once.\n" + secretsLong,
		example: "slack edit hq --signing-secret-file ~/signing-secret --bot-token-file ~/bot-token\nslack edit hq --name 'Harbor Assurance'\n" +
			"slack edit hq --end-former",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			f.StringVar(&in.Name, "name", "", "what the workspace is called")
			f.BoolVar(&endFormer, "end-former", false, "the signing secret before the present one is good no longer")
			workspaceVars(f, &in)
			files.flags(f)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			to, err := a.secrets(files)
			if err != nil {
				return err
			}
			to.Name, to.SocketMode, to.ClientID = changed(f, "name", in.Name), changed(f, "socket-mode", in.SocketMode),
				changed(f, "client-id", in.ClientID)
			to.Trusted, to.EndFormer = changed(f, "trusted", in.Trusted), endFormer
			if to == (client.WorkspaceChange{}) {
				return misused("nothing to change was named")
			}
			return a.showWorkspace(a.ask(a.api.UpdateWorkspace(ctx, args[0], (*client.UpdateWorkspaceParams)(a.stamp()), to)))
		},
	})
}

func (a *app) slackShow() *cobra.Command {
	return a.command(spec{
		use: "show WORKSPACE", short: "Show a Slack workspace",
		example: "slack show hq",
		run: func(ctx context.Context, args []string) error {
			return a.showWorkspace(a.ask(a.api.GetWorkspace(ctx, args[0])))
		},
	})
}

func (a *app) showWorkspace(ans answer, err error) error {
	w, ans, err := decode[client.Workspace](ans, err)
	if err != nil {
		return err
	}
	return a.show(ans, func() {
		mode, bound := "Slack sends to this installation", "by their address there, once they say that it is them"
		if w.Trusted {
			bound = "by their address there: nobody is asked"
		}
		if w.SocketMode {
			mode = "Socket Mode: Slack is asked"
		}
		a.card([2]string{"Workspace", w.ID}, [2]string{"Name", w.Name}, [2]string{"Of", firstOf(string(w.Client), "the firm")},
			[2]string{"State", explained(w.State, workspaceStates)}, [2]string{"Why", w.Reason}, [2]string{"Clicks and forms", mode},
			[2]string{"Slack's team", w.Team}, [2]string{"Slack's app", w.App}, [2]string{"Client ID", w.ClientID},
			[2]string{"People are known", bound},
			[2]string{"Bot token", hasSecret(w.HasToken)}, [2]string{"Signing secret", hasSecret(w.HasSigningSecret)},
			[2]string{"App-level token", hasSecret(w.HasAppToken)}, [2]string{"Client secret", hasSecret(w.HasClientSecret)},
			[2]string{"Last typed (UTC)", instant(w.TypedAt)},
			[2]string{"Added (UTC)", instant(w.CreatedAt)}, [2]string{"Revision", fmt.Sprint(w.Revision)})
		switch {
		case w.State == "active" && len(w.MissingScopes) > 0:
			a.say("", "Its app lacks scopes: %s. Replace its manifest by what slack manifest prints, and install it again in Slack.",
				names(w.MissingScopes))
			a.hint("slack manifest %s", w.ID)
		case w.State == "active" && w.TypedAt.IsZero():
			a.say("", "Nothing that somebody typed to the app has come from there yet. If people try: its manifest may be of an earlier release.")
			a.hint("slack manifest %s", w.ID)
		case w.State == "active":
		case !w.HasSigningSecret && !w.HasAppToken:
			a.hint("slack manifest %s", w.ID)
			secret := "signing-secret-file"
			if w.SocketMode {
				secret = "app-token-file"
			}
			a.hint("slack edit %s --%s FILE --bot-token-file FILE", w.ID, secret)
		case w.ClientID != "" && !w.SocketMode:
			a.hint("slack install %s", w.ID)
		default:
			a.hint("slack edit %s --bot-token-file FILE", w.ID)
		}
	})
}

// hasSecret says whether there is a secret.
func hasSecret(yes bool) string {
	if yes {
		return "kept, and shown to nobody"
	}
	return "none"
}

func (a *app) slackRemove() *cobra.Command {
	return a.command(spec{
		use: "remove WORKSPACE", short: "Remove a Slack workspace: mail goes out instead, its secrets are forgotten",
		example: "slack remove northgate",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			ans, err := a.ask(a.api.RemoveWorkspace(ctx, args[0], &client.RemoveWorkspaceParams{IdempotencyKey: a.once()}))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "%s is removed: nobody is reached there any more, mail goes out instead where there is an address", args[0])
			})
		},
	})
}

func (a *app) slackInstall() *cobra.Command {
	return a.command(spec{
		use: "install WORKSPACE", short: "Begin to install the app from a page: prints the address to open",
		long: "Begin to install the app from a page: prints the address to open. Whoever opens it is shown what is to be installed, and a\n" +
			"button that leads to Slack. The address is good for ten minutes, its button once; whoever has it may install, so give it\n" +
			"to the administrator of the workspace alone. They come back from Slack in the same browser.",
		example: "slack install northgate",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			to, ans, err := decode[client.Installation](a.ask(a.api.InstallWorkspace(ctx, args[0],
				&client.InstallWorkspaceParams{IdempotencyKey: a.once()})))
			if err != nil {
				return err
			}
			// The address alone goes to stdout, so that it can be handed to a browser.
			fmt.Fprintf(a.err, "open this in a browser before %s UTC, as an administrator of the workspace; its button works once:\n",
				instant(to.ExpiresAt))
			return a.show(ans, func() { fmt.Fprintln(a.out, clean(to.URL)) })
		},
	})
}

func (a *app) slackManifest() *cobra.Command {
	return a.command(spec{
		use: "manifest WORKSPACE", short: "Print the manifest of a workspace's app",
		long:    "Print the manifest of a workspace's app, to paste at https://api.slack.com/apps under Create New App, From a manifest.",
		example: "slack manifest northgate",
		run: func(ctx context.Context, args []string) error {
			m, ans, err := decode[client.Manifest](a.ask(a.api.GetManifest(ctx, args[0])))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				for line := range strings.Lines(m.Yaml) {
					fmt.Fprintln(a.out, clean(strings.TrimSuffix(line, "\n")))
				}
			})
		},
	})
}

func (a *app) slackBind() *cobra.Command {
	return a.command(spec{
		use: "bind PERSON WORKSPACE ACCOUNT", short: "Say who somebody is in Slack",
		long: "Say who somebody is in Slack, when their address there is another one. ACCOUNT is Slack's id of it, as in U0123456789:\n" +
			"Copy member ID in the profile. They are asked whether it is them before anything else comes there.",
		example: "slack bind kenji northgate U0123456789",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			b, ans, err := decode[client.Binding](a.ask(a.api.BindPerson(ctx, models.PersonID(args[0]), args[1],
				&client.BindPersonParams{IdempotencyKey: a.once()},
				client.NewBinding{User: args[2]})))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "%s in %s: %s, %s", args[0], b.Workspace, b.User, explained(b.State, bindingStates))
			})
		},
	})
}

func (a *app) slackUnbind() *cobra.Command {
	return a.command(spec{
		use: "unbind PERSON WORKSPACE", short: "Forget who somebody is in Slack; they are looked up again by their address",
		example: "slack unbind kenji northgate",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			ans, err := a.ask(a.api.UnbindPerson(ctx, models.PersonID(args[0]), args[1], &client.UnbindPersonParams{IdempotencyKey: a.once()}))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "who %s is in %s is forgotten; they are looked up by their address within a day", args[0], args[1])
			})
		},
	})
}

func (a *app) channelShow() *cobra.Command {
	return a.command(spec{
		use: "show CLIENT", short: "Show the Slack channel of a client",
		example: "client channel show northgate",
		run: func(ctx context.Context, args []string) error {
			return a.showChannel(args[0])(a.ask(a.api.GetClientChannel(ctx, models.ClientID(args[0]))))
		},
	})
}

// showChannel returns what prints the channel of a client.
func (a *app) showChannel(of string) func(answer, error) error {
	return func(ans answer, err error) error {
		c, ans, err := decode[client.ClientChannel](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			if c.Channel == "" {
				a.say("", "%s has no channel", of)
				return
			}
			a.say("", "%s: the channel %s of %s reads once a week how much is open", of, c.Channel, c.Workspace)
		})
	}
}

func (a *app) channelSet() *cobra.Command {
	var to client.ClientChannel
	var none bool
	return a.command(spec{
		use: "set CLIENT --workspace WORKSPACE --channel CHANNEL | --none", short: "Choose the Slack channel of a client, or end it",
		long: "Choose the Slack channel in which everybody reads once a week how much is open: numbers and a link, never who owes what.\n" +
			"Invite the app to the channel first.",
		example: "client channel set northgate --workspace northgate --channel C0123456789\nclient channel set northgate --none",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&to.Workspace, "workspace", "", "Slack workspace, the firm's or the client's")
			f.StringVar(&to.Channel, "channel", "", "Slack's id of the channel, as in C0123456789")
			f.BoolVar(&none, "none", false, "no channel any more")
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			if both := to.Workspace != "" && to.Channel != ""; none == both || none && to != (client.ClientChannel{}) {
				return misused("say which channel: --workspace and --channel, or --none")
			}
			return a.showChannel(args[0])(a.ask(a.api.SetClientChannel(ctx, models.ClientID(args[0]),
				&client.SetClientChannelParams{IdempotencyKey: a.once()}, to)))
		},
	})
}
