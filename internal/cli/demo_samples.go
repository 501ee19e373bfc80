package cli

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"time"

	"aside/internal/email"

	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// firstNumber is the oldest sample item's, so that the cracked widget is #128.
const firstNumber = 121

// sampleItem is one feedback item of the demo.
type sampleItem struct {
	at               time.Time
	name, email      string
	message          string
	category, status string
	assignee         string
	context          map[string]any
	files            []*filesystem.File
	steps            []sampleStep
}

// writtenIn is where an item was written.
func writtenIn(browser, page string) map[string]any {
	return map[string]any{"browser": browser, "page": page}
}

// sampleItems are those of Acme Hardware, oldest first, around now.
func sampleItems(now time.Time) []sampleItem {
	day := func(ago, hour, minute int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()-ago, hour, minute, 0, 0, now.Location())
	}
	return []sampleItem{
		{at: day(9, 11, 20), name: "Ben Okafor", email: "ben@okafor.test", category: "other", status: "resolved", assignee: "Mel", context: writtenIn("Firefox on Linux", "/help/remotes"),
			message: "The spare remote pairs at once since your update. I had nearly sent it back, so please tell whoever fixed it.",
			steps:   []sampleStep{{day(9, 14, 5), toCustomer("Mel", "That will make the workshop's day, Ben. Thank you for telling us.")}}},
		{at: day(6, 16, 45), name: "Inês Duarte", email: "ines@casa-duarte.test", category: "question", status: "archived", context: writtenIn("Chrome on Windows", "/delivery"),
			message: "Do you deliver to the Azores, and does the large workbench come in one box or two?"},
		{at: day(4, 9, 12), name: "Yuki Tanaka", email: "yuki@tanaka.test", category: "bug", status: "in_progress", assignee: "Mel", context: writtenIn("Safari on Mac", "/orders/5466"),
			message: "The paint on the garden rack flakes off after two days outdoors. It had not even rained yet.",
			steps: []sampleStep{
				{day(4, 10, 2), noteBy("Mel", "Same lot as the two racks from last week. Lacquer Co changed their primer in October.")},
				{now.Add(-74 * time.Hour), toOutside("Mel", "Lena Lacquer <lena@lacquer.test>", "Primer on rack lot 7C",
					"Hello Lena,\n\na rack from lot 7C loses its paint after two days outdoors, the third one we hear of. Was that lot still done with the old primer?\n\nIf you can tell us which serial numbers went through the new line, we can stop the rest before they ship.")}}},
		{at: day(3, 18, 30), name: "Tomás Herrera", email: "tomas@herrera.test", category: "feature_request", status: "new", context: writtenIn("Chrome on Android", "/checkout"),
			message: "Please let me pick up at the Lisbon warehouse. I drive past it every day, and the courier never finds our yard."},
		{at: day(2, 8, 50), name: "Noor Haddad", email: "noor@haddad.test", category: "question", status: "new", context: writtenIn("Edge on Windows", "/manuals/vise"),
			message: "Is there a manual for the bench vise in Arabic? My father works with it and the pictures alone leave out the clamp order.",
			steps:   []sampleStep{{day(2, 9, 15), noteBy("Ada", "We have one for the older model. Checking whether it still fits.")}}},
		glidewell(day),
		{at: now.Add(-5 * time.Hour), name: "Emeka Obi", email: "emeka@obi.test", category: "bug", status: "new", context: writtenIn("Chrome on Mac", "/cart"),
			message: "The cart forgets the length of the steel tube when I change the quantity. I ordered 2 m and nearly got 6 m."},
		carla(now),
		{at: now.Add(-11 * time.Minute), name: "Priya Raman", email: "priya@raman.test", category: "question", status: "new", context: writtenIn("Safari on iPad", "/account/invoices"),
			message: "Where do I find the invoice for order 5521? The page lists it, but the download stays empty."},
	}
}

// glidewell is the item on which an outsider has answered already.
func glidewell(day func(ago, hour, minute int) time.Time) sampleItem {
	serials := email.Attachment{Name: "gs-450-serials.csv", Type: "text/csv", Data: []byte("serial,packed,latch\r\nGS450-20817,2026-10-02,short\r\nGS450-20818,2026-10-02,short\r\nGS450-20911,2026-10-09,ok\r\n")}
	return sampleItem{at: day(1, 9, 5), name: "Greta Lind", email: "greta@lind.test", category: "bug", status: "in_progress", assignee: "Ada", context: writtenIn("Firefox on Windows", "/orders/5481"),
		message: "The left drawer slide locks halfway and comes loose only when I lift the drawer. Both slides are from the same bag.",
		steps: []sampleStep{
			{day(1, 9, 40), toCustomer("Ada", "Thank you, Greta. Could you read me the number stamped on the slide, near the rear screw?")},
			{day(1, 10, 25), fromMailbox("greta@lind.test", "It says GS450-20817. The good one ends in 911.")},
			{day(1, 10, 40), toOutside("Ada", "Sam Ortega <sam@glidewell.test>", "Drawer slide GS450-20817 locks halfway",
				"Hello Sam,\n\na customer's slide GS450-20817 locks halfway; the one ending in 911 from the same bag runs freely. Is that a latch from the early October run?\n\nPlease send one replacement pair to us, and tell us which serials we should pull.")},
			{day(1, 15, 12), fromMailbox("sam@glidewell.test", "Hello Ada,\n\nyes, that latch was cut short on 2 October. A pair leaves here tonight.\n\nThe serials packed that week are attached; everything marked short should be pulled.\n\nSam", serials)},
			{day(1, 16, 30), toProject(email.Address{Name: "Petra Nowak", Address: "petra@glidewell.test"}, "sam@glidewell.test",
				"Sam asked me to add: the replacement pair travels under consignment GW-77120 and arrives tomorrow before noon.\n\nPetra Nowak, dispatch\n")},
		}}
}

// carla is the item that the person trying the demo works on: no side conversation yet.
func carla(now time.Time) sampleItem {
	file, err := filesystem.NewFileFromBytes(crackedWidget(), "crack.jpg")
	files := []*filesystem.File{file}
	if err != nil {
		files = nil
	}
	return sampleItem{at: now.Add(-58 * time.Minute), name: "Carla Customer", email: "carla@customer.test", category: "bug", status: "in_progress", assignee: "Ada", context: writtenIn("Safari on iPhone", "/orders/5498"),
		message: "The blue widget arrived cracked and the hinge is missing two screws\n\nThe crack runs along the lower edge, and there were only four screws in the hinge bag instead of six. Could you send what is missing before the weekend?", files: files,
		steps: []sampleStep{
			{now.Add(-49 * time.Minute), toCustomer("Ada", "I am sorry about that, Carla. I am asking the maker right away and will come back to you today.")},
			{now.Add(-41 * time.Minute), noteBy("Mel", "Third short hinge bag from batch 44. @Ada, ask Bob at the vendor (bob@vendor.test) whether the whole batch is short.")},
		}}
}

// crackedWidget is the photo Carla sent, drawn: a blue plate, a shadow under it, a crack along its lower edge.
func crackedWidget() []byte {
	const w, h = 480, 320
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, widgetColour(x, y))
		}
	}
	var b bytes.Buffer
	if jpeg.Encode(&b, img, nil) != nil {
		return nil
	}
	return b.Bytes()
}

func widgetColour(x, y int) color.Color {
	inPlate := x > 90 && x < 390 && y > 70 && y < 240
	crack := 205 + (x*7%31+x*13%17)/3 // jagged, and the same on every machine
	switch {
	case inPlate && x > 130 && x < 360 && y >= crack && y < crack+2+x%3:
		return color.RGBA{18, 26, 44, 255}
	case inPlate && (x-130)*(x-130)+(y-110)*(y-110) < 200, inPlate && (x-350)*(x-350)+(y-110)*(y-110) < 200:
		return color.RGBA{225, 228, 232, 255}
	case inPlate:
		return color.RGBA{uint8(40 + y/8), uint8(98 + y/8), uint8(178 + x/16), 255}
	case x > 98 && x < 402 && y > 80 && y < 252:
		return color.RGBA{176, 170, 160, 255}
	}
	return color.RGBA{214, 208, 198, 255}
}
