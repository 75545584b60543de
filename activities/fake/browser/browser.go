// Package browser is a browser without a screen, for tests of pages.
package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"tickmark/models/modelstest/await"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A Browser is a browser without a screen, told what to do by its protocol for tools.
type Browser struct {
	*testing.T
	wire *websocket.Conn
	last int
}

// Open opens a browser for a test, which ends with it. .ci/needs brings one.
func Open(t *testing.T) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no browser: .ci/needs brings one")
	}
	home, err := os.MkdirTemp("", "tickmark-browser")
	check(t, err)
	args := []string{"--headless", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir=" + home, "about:blank"}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // which it has none of as root
	}
	cmd := exec.Command(path, args...)
	check(t, cmd.Start())
	t.Cleanup(func() {
		check(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait()
		await.Until(t, "nothing writes for the browser any more", func() bool { return os.RemoveAll(home) == nil })
	})
	port := ""
	await.Until(t, "the browser listens", func() bool {
		text, err := os.ReadFile(filepath.Join(home, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return err == nil && port != ""
	})
	res, err := http.Get("http://127.0.0.1:" + port + "/json/list")
	check(t, err)
	defer res.Body.Close()
	var pages []struct {
		Type string `json:"type"`
		At   string `json:"webSocketDebuggerUrl"`
	}
	check(t, json.NewDecoder(res.Body).Decode(&pages))
	for _, p := range pages {
		if p.Type == "page" {
			conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), p.At, nil)
			check(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			return &Browser{T: t, wire: conn}
		}
	}
	t.Fatalf("the browser has no page: %v", pages)
	return nil
}

// asks sends a command and returns what it came to.
func (c *Browser) asks(method string, params map[string]any) json.RawMessage {
	c.Helper()
	c.last++
	check(c, c.wire.WriteJSON(map[string]any{"id": c.last, "method": method, "params": params}))
	for {
		var got struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		check(c, c.wire.ReadJSON(&got))
		if got.ID == c.last {
			return got.Result
		}
	}
}

// Goes goes to an address.
func (c *Browser) Goes(to string) { c.Helper(); c.asks("Page.navigate", map[string]any{"url": to}) }

// Looks has the browser look through a window of a width and a height, in the light or in the dark. One as narrow as a phone is one.
func (c *Browser) Looks(width, height int, dark bool) {
	c.Helper()
	c.asks("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1,
		"mobile": width < 600})
	mode := "light"
	if dark {
		mode = "dark"
	}
	c.asks("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": mode}}})
}

// Has gives the browser a cookie of a site.
func (c *Browser) Has(site, name, value string) {
	c.Helper()
	c.asks("Network.setCookie", map[string]any{"url": site, "name": name, "value": value})
}

// Runs runs a script in the page, and returns what it came to as text.
func (c *Browser) Runs(script string) string {
	c.Helper()
	var got struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
	}
	_ = json.Unmarshal(c.asks("Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true}), &got)
	return fmt.Sprint(got.Result.Value)
}

// Waits waits until a page with these words is there.
func (c *Browser) Waits(words string) {
	c.Helper()
	shown := func() string { return c.Runs("location.href + ' ' + document.body?.innerText") }
	await.Until(c.T, words+" is shown", func() bool { return strings.Contains(shown(), words) }, shown)
}

// Press presses a key, as a person does: "j", "Enter", "Control+k".
func (c *Browser) Press(key string) {
	c.Helper()
	name, modifiers := key, 0
	if rest, held := strings.CutPrefix(key, "Control+"); held {
		name, modifiers = rest, 2
	}
	event := map[string]any{"type": "keyDown", "key": name, "modifiers": modifiers}
	if len([]rune(name)) == 1 && modifiers == 0 {
		event["text"] = name
	}
	codes := map[string]int{"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
	if code, known := codes[name]; known {
		event["windowsVirtualKeyCode"], event["code"] = code, name
		if name == "Enter" {
			event["text"] = "\r"
		}
	}
	c.asks("Input.dispatchKeyEvent", event)
	delete(event, "text")
	event["type"] = "keyUp"
	c.asks("Input.dispatchKeyEvent", event)
}

// Types types text where the focus is.
func (c *Browser) Types(text string) {
	c.Helper()
	c.asks("Input.insertText", map[string]any{"text": text})
}
