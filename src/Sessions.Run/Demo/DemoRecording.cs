using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>
/// The recording of a visit, as posthog-js sends it: for each page a picture of the page, and how the mouse moved, clicked and
/// scrolled on it. The pages are simple drawings of the demo's shop.
/// </summary>
/// <param name="random">Chance of its own, so that a visit is the same with and without a recording.</param>
internal sealed class DemoRecording(Random random)
{
    private const int Width = 1280;
    private const int Height = 800;
    private const int StepMs = 100;
    private const int Steps = 12;

    // The ids of nodes that move and click.
    private const int Body = 5;
    private const int Button = 20;

    private readonly List<JsonNode> _events = [];
    private (int X, int Y) _mouse = (640, 120);

    /// <summary>Begins a page.</summary>
    public void Page(DateTimeOffset at, string url, string path)
    {
        Add(at, 4, new JsonObject { ["href"] = url, ["width"] = Width, ["height"] = Height });
        Add(at.AddMilliseconds(20), 2, new JsonObject { ["node"] = Picture(path), ["initialOffset"] = new JsonObject { ["left"] = 0, ["top"] = 0 } });
    }

    /// <summary>Moves the mouse to the page's button, and clicks it.</summary>
    public void Click(DateTimeOffset at)
    {
        Move(at.AddMilliseconds(-StepMs * (Steps + 1)), (70 + random.Next(140), 452));
        foreach (int type in (int[])[1, 0, 2])
        {
            // Pressed, let go, clicked.
            Add(at.AddMilliseconds(type == 2 ? 0 : -60 + (20 * type)), 3, new JsonObject { ["source"] = 2, ["type"] = type, ["id"] = Button, ["x"] = _mouse.X, ["y"] = _mouse.Y });
        }
    }

    /// <summary>Reads the page: the mouse wanders, and the page scrolls.</summary>
    public void Read(DateTimeOffset from, DateTimeOffset to)
    {
        for (DateTimeOffset at = from.AddSeconds(1); at < to.AddSeconds(-2); at = at.AddSeconds(2 + (4 * random.NextDouble())))
        {
            Move(at, (100 + random.Next(1000), 160 + random.Next(500)));
        }

        if ((to - from).TotalSeconds > 5)
        {
            DateTimeOffset middle = from + ((to - from) / 2);
            foreach ((double after, int top) in ((double, int)[])[(0, 120), (0.3, 240), (1.5, 0)])
            {
                Add(middle.AddSeconds(after), 3, new JsonObject { ["source"] = 3, ["id"] = 1, ["x"] = 0, ["y"] = top });
            }
        }
    }

    /// <summary>What the page wrote to the console.</summary>
    public void Console(DateTimeOffset at, string text) => Add(at, 6, new JsonObject
    {
        ["plugin"] = "rrweb/console@1",
        ["payload"] = new JsonObject { ["level"] = "error", ["payload"] = new JsonArray($"\"{text}\""), ["trace"] = new JsonArray() },
    });

    /// <summary>What was recorded since the last time, in the order of time; null when nothing was.</summary>
    public JsonArray? Take()
    {
        if (_events.Count == 0)
        {
            return null;
        }

        JsonArray taken = [.. _events.OrderBy(one => (long)one["timestamp"]!)];
        _events.Clear();
        return taken;
    }

    private void Move(DateTimeOffset at, (int X, int Y) to)
    {
        JsonArray positions = [];
        for (int step = 1; step <= Steps; step++)
        {
            positions.Add(new JsonObject
            {
                ["x"] = _mouse.X + ((to.X - _mouse.X) * step / Steps),
                ["y"] = _mouse.Y + ((to.Y - _mouse.Y) * step / Steps),
                ["id"] = Body,
                ["timeOffset"] = (step - Steps) * StepMs,
            });
        }

        _mouse = to;
        Add(at.AddMilliseconds(StepMs * Steps), 3, new JsonObject { ["source"] = 1, ["positions"] = positions });
    }

    private void Add(DateTimeOffset at, int type, JsonObject data) =>
        _events.Add(new JsonObject { ["type"] = type, ["data"] = data, ["timestamp"] = at.ToUnixTimeMilliseconds() });

    private static JsonObject Picture(string path)
    {
        const string Style = "body{margin:0;height:1400px;font:16px sans-serif;background:#fff;color:#1c2430}"
            + "header{display:flex;gap:24px;padding:18px 60px;background:#16324f;color:#fff}main{padding:30px 60px}"
            + ".box{display:inline-block;width:260px;height:170px;margin:0 20px 20px 0;border-radius:10px;background:#dce7f2}"
            + "button{position:absolute;left:60px;top:430px;width:180px;height:46px;border:0;border-radius:8px;background:#e2603f;color:#fff;font-size:16px}";
        string title = path == "/" ? "Shoes and jackets for every weather" : path.Trim('/').Replace('/', ' ').Replace('-', ' ');
        int id = 30;
        JsonObject[] boxes = [.. Enumerable.Range(0, 4).Select(_ => Element(id++, "div", new JsonObject { ["class"] = "box" }))];
        return new JsonObject
        {
            ["type"] = 0,
            ["id"] = 1,
            ["childNodes"] = new JsonArray(
                new JsonObject { ["type"] = 1, ["name"] = "html", ["publicId"] = "", ["systemId"] = "", ["id"] = 2 },
                Element(3, "html", new JsonObject(),
                    Element(4, "head", new JsonObject(), Element(6, "style", new JsonObject(), new JsonObject { ["type"] = 3, ["textContent"] = Style, ["isStyle"] = true, ["id"] = 7 })),
                    Element(Body, "body", new JsonObject(),
                        Element(8, "header", new JsonObject(), Element(9, "strong", new JsonObject(), Text(10, "Shop")), Element(11, "span", new JsonObject(), Text(12, "Shoes")), Element(13, "span", new JsonObject(), Text(14, "Jackets")), Element(15, "span", new JsonObject(), Text(16, "Sale"))),
                        Element(17, "main", new JsonObject(), [Element(18, "h1", new JsonObject(), Text(19, title)), .. boxes]),
                        Element(Button, "button", new JsonObject(), Text(21, DemoSite.ButtonOf(path)))))),
        };
    }

    private static JsonObject Element(int id, string tag, JsonObject attributes, params JsonObject[] children) => new()
    {
        ["type"] = 2,
        ["tagName"] = tag,
        ["attributes"] = attributes,
        ["childNodes"] = new JsonArray([.. children]),
        ["id"] = id,
    };

    private static JsonObject Text(int id, string text) => new() { ["type"] = 3, ["textContent"] = text, ["id"] = id };
}
