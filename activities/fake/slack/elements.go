package slackfake

import "slices"

// The blocks and their elements, by type, with the limits of docs.slack.dev/reference/block-kit. What a block of a type without a list
// holds is not looked at.

const forever = 1e12

var option = of(object{must: []string{"text", "value"},
	may: map[string]check{"text": plain(75), "value": text(1, 150), "description": plain(75)}})

var linkedOption = of(object{must: []string{"text", "value"},
	may: map[string]check{"text": plain(75), "value": text(1, 150), "description": plain(75), "url": text(1, 3000)}})

var markedOption = of(object{must: []string{"text", "value"},
	may: map[string]check{"text": marked(75), "value": text(1, 150), "description": marked(75)}})

var optionGroup = of(object{must: []string{"label", "options"}, may: map[string]check{"label": plain(75), "options": list(1, 100, option)}})

var confirm = of(object{must: []string{"title", "text", "confirm", "deny"},
	may: map[string]check{"title": plain(100), "text": marked(300), "confirm": plain(30), "deny": plain(30),
		"style": oneOf("primary", "danger")}})

// with adds properties to those which every element has that people act on.
func with(may map[string]check, must ...string) object {
	for name, look := range map[string]check{"action_id": anything, "confirm": confirm, "focus_on_load": boolean, "placeholder": plain(150)} {
		if may[name] == nil {
			may[name] = look
		}
	}
	return object{must, may}
}

// none takes nothing: it hides a property that with would add.
func none(c *checker, at string, _ any) { c.refuse(at, "is not allowed here") }

// several adds what an element has in which several things are chosen.
func several(may map[string]check, must ...string) object {
	may["max_selected_items"] = number(1, forever)
	return with(may, must...)
}

// elementTypes are the elements.
var elementTypes = map[string]object{
	"image": {[]string{"alt_text"}, map[string]check{"image_url": text(1, 3000), "alt_text": text(1, 2000), "slack_file": anything}},
	"button": with(map[string]check{"text": plain(75), "url": text(1, 3000), "value": text(0, 2000), "style": oneOf("primary", "danger"),
		"accessibility_label": text(1, 75),
		"placeholder":         none}, "text"),
	"overflow": with(map[string]check{"options": list(1, 5, linkedOption), "placeholder": none}, "options"),

	"static_select": with(map[string]check{"options": list(1, 100, option), "option_groups": list(1, 100, optionGroup),
		"initial_option": anything}),
	"external_select": with(map[string]check{"initial_option": option, "min_query_length": number(0, forever)}),
	"users_select":    with(map[string]check{"initial_user": text(1, 255)}),
	"conversations_select": with(map[string]check{"initial_conversation": text(1, 255), "default_to_current_conversation": boolean,
		"response_url_enabled": boolean, "filter": anything}),
	"channels_select": with(map[string]check{"initial_channel": text(1, 255), "response_url_enabled": boolean}),
	"multi_static_select": several(map[string]check{"options": list(1, 100, option), "option_groups": list(1, 100, optionGroup),
		"initial_options": list(1, 100, anything)}),
	"multi_external_select": several(map[string]check{"initial_options": list(1, 100, option), "min_query_length": number(0, forever)}),
	"multi_users_select":    several(map[string]check{"initial_users": list(1, 100, text(1, 255))}),
	"multi_conversations_select": several(map[string]check{"initial_conversations": list(1, 100, text(1, 255)),
		"default_to_current_conversation": boolean, "filter": anything}),
	"multi_channels_select": several(map[string]check{"initial_channels": list(1, 100, text(1, 255))}),

	"checkboxes": with(map[string]check{"options": list(1, 10, markedOption), "initial_options": list(1, 10, anything),
		"placeholder": none}, "options"),
	"radio_buttons":  with(map[string]check{"options": list(1, 10, markedOption), "initial_option": anything, "placeholder": none}, "options"),
	"datepicker":     with(map[string]check{"initial_date": date}),
	"timepicker":     with(map[string]check{"initial_time": clock, "timezone": text(1, 100)}),
	"datetimepicker": with(map[string]check{"initial_date_time": number(1e9, 1e10), "placeholder": none}),

	"plain_text_input": with(map[string]check{"initial_value": text(0, 3000), "multiline": boolean, "min_length": number(0, 3000),
		"max_length": number(1, 3000), "dispatch_action_config": anything,
		"confirm": none}),
	"email_text_input": with(map[string]check{"initial_value": text(0, 3000), "dispatch_action_config": anything, "confirm": none}),
	"url_text_input":   with(map[string]check{"initial_value": text(0, 3000), "dispatch_action_config": anything, "confirm": none}),
	"number_input": with(map[string]check{"is_decimal_allowed": boolean, "initial_value": text(0, 100), "min_value": text(1, 100),
		"max_value": text(1, 100), "dispatch_action_config": anything,
		"confirm": none}, "is_decimal_allowed"),
	"rich_text_input": with(map[string]check{"initial_value": anything, "dispatch_action_config": anything, "min_lines": number(1, 100),
		"max_lines": number(1, 100), "confirm": none}),
	"file_input": with(map[string]check{"filetypes": list(0, 100, text(1, 20)), "max_files": number(1, 10), "placeholder": none,
		"confirm": none}),
}

// What can stand where.
var (
	selects      = []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
	multiSelects = []string{"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
		"multi_channels_select"}
	choosers  = []string{"checkboxes", "radio_buttons", "datepicker", "timepicker"}
	inAction  = slices.Concat(selects, choosers, []string{"button", "overflow", "datetimepicker"})
	inSection = slices.Concat(selects, multiSelects, choosers, []string{"button", "overflow", "image"})
	inInput   = slices.Concat(selects, multiSelects, choosers,
		[]string{"datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"})
)

// blockTypes are the blocks.
var blockTypes = map[string]object{
	"section": {nil, map[string]check{"block_id": anything, "text": marked(3000), "fields": list(1, 10, marked(2000)),
		"accessory": element(inSection...), "expand": boolean}},
	"header":  {[]string{"text"}, map[string]check{"block_id": anything, "text": plain(150), "level": number(1, 4)}},
	"divider": {nil, map[string]check{"block_id": anything}},
	"context": {[]string{"elements"}, map[string]check{"block_id": anything, "elements": list(1, 10, inContext)}},
	"actions": {[]string{"elements"}, map[string]check{"block_id": anything, "elements": list(1, 25, element(inAction...))}},
	"input": {[]string{"label", "element"},
		map[string]check{"block_id": anything, "label": plain(2000), "element": element(inInput...), "hint": plain(2000), "optional": boolean,
			"dispatch_action": boolean}},
	"image": {[]string{"alt_text"},
		map[string]check{"block_id": anything, "image_url": text(1, 3000), "alt_text": text(1, 2000), "title": plain(2000),
			"slack_file": anything}},

	"markdown":  {[]string{"text"}, map[string]check{"block_id": anything, "text": text(1, 12_000)}},
	"rich_text": {},
	"video":     {},
	"file":      {},
	"table":     {},
}

// inContext takes what stands in a context: a text or an image.
func inContext(c *checker, at string, v any) {
	if _, kind := c.as(at, v); kind == "image" {
		element("image")(c, at, v)
		return
	}
	marked(3000)(c, at, v)
}

func date(c *checker, at string, v any) {
	if s, ok := v.(string); !ok || !isDate(s) {
		c.refuse(at, "must be a date in the form YYYY-MM-DD")
	}
}

func clock(c *checker, at string, v any) {
	if s, ok := v.(string); !ok || !isClock(s) {
		c.refuse(at, "must be a time in the form HH:mm")
	}
}
