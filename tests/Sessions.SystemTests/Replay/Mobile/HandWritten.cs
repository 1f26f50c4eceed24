using System.Text.Json.Nodes;

namespace Sessions.SystemTests.Replay.Mobile;

/// <summary>
/// Recordings written by hand after the SDKs' own types (<c>RRWireframe</c>, <c>RRStyle</c>, <c>RRMutatedNode</c> …), in the
/// order in which the SDKs send them. The SDKs of phones need a phone to record. posthog-react-native-session-replay, the
/// package of npm, has no recorder of its own: it starts that of posthog-android or posthog-ios.
/// </summary>
internal static class HandWritten
{
    /// <summary>A picture of one red pixel, as SDKs send pictures.</summary>
    public const string Red = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    /// <summary>The same in blue.</summary>
    public const string Blue = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC";

    /// <summary>
    /// posthog-android with wireframes: a shop, then a change of a text, an item more with its children sent twice, the
    /// keyboard, a touch, the item taken away again, and a minute in the background.
    /// </summary>
    public static JsonObject[] Android(long at)
    {
        JsonObject Frame(int id, int x, int y, int width, int height, string more) =>
            JsonNode.Parse($$"""{"id":{{id}},"x":{{x}},"y":{{y}},"width":{{width}},"height":{{height}},"disabled":false{{more}} }""")!.AsObject();

        JsonObject item = Frame(60, 20, 560, 371, 40, ""","style":{"backgroundColor":"#EEEEEE"}""");
        JsonObject name = Frame(61, 30, 570, 200, 20, ""","type":"text","text":"Lamp","style":{"color":"#333333","fontSize":14,"fontFamily":"sans-serif","verticalAlign":"center","horizontalAlign":"left"}""");
        item["childWireframes"] = new JsonArray(name.DeepClone());
        JsonObject total = Frame(31, 20, 100, 371, 24, ""","type":"text","text":"Total: 0","style":{"color":"#D32F2F","fontSize":18,"verticalAlign":"center","horizontalAlign":"right","paddingRight":8}""");
        JsonObject newTotal = total.DeepClone().AsObject();
        newTotal["text"] = "Total: 12";
        JsonObject root = Frame(10, 0, 0, 411, 866, ""","style":{"backgroundColor":"#FAFAFA"}""");
        root["childWireframes"] = new JsonArray(
            Frame(11, 0, 0, 411, 24, ""","type":"status_bar","style":{"backgroundColor":"#1A237E"}"""),
            Frame(30, 20, 40, 371, 40, ""","type":"text","text":"My <b>cart</b>","style":{"color":"#000000","fontSize":24,"fontFamily":"sans-serif-bold"}"""),
            total,
            Frame(32, 20, 140, 371, 48, ""","type":"input","inputType":"button","value":"Check out","style":{"borderWidth":1,"borderColor":"#000000","backgroundColor":"#43A047","color":"#FFFFFF"}"""),
            Frame(33, 20, 200, 371, 32, ""","type":"input","inputType":"checkbox","label":"Gift wrap","checked":true"""),
            Frame(34, 20, 240, 371, 32, ""","type":"radio_group","childWireframes":[{"id":35,"x":20,"y":240,"width":180,"height":32,"type":"input","inputType":"radio","label":"Card","checked":true},{"id":36,"x":200,"y":240,"width":180,"height":32,"type":"input","inputType":"radio","label":"Cash","checked":false}]"""),
            Frame(37, 20, 280, 371, 32, ""","type":"input","inputType":"toggle","label":"Alerts","checked":true"""),
            Frame(38, 20, 320, 371, 40, ""","type":"input","inputType":"text_area","value":"Leave it at the door","style":{"fontSize":14}"""),
            Frame(39, 20, 370, 371, 40, ""","type":"input","inputType":"select","value":"Express","options":["Standard","Express"]"""),
            Frame(40, 20, 420, 371, 16, ""","type":"input","inputType":"progress","value":30,"max":100,"style":{"bar":"horizontal"}"""),
            Frame(41, 20, 445, 180, 24, ""","type":"input","inputType":"progress","value":4,"max":5,"style":{"bar":"rating"}"""),
            Frame(42, 20, 480, 60, 60, ""","type":"image","base64":"RED","style":{"borderRadius":30}""".Replace("RED", Red, StringComparison.Ordinal)),
            Frame(43, 100, 480, 120, 60, ""","type":"web_view" """),
            Frame(12, 0, 818, 411, 48, ""","type":"navigation_bar","style":{"backgroundColor":"#000000"}"""));
        return
        [
            Replays.Rrweb(at, 4, """{"href":"MainActivity","width":411,"height":866}"""),
            Full(at, root),
            Change(at + 2000, ("updates", [Mutated(newTotal, 10)]), ("adds", [Mutated(item, 10), Mutated(name, 60)])),
            Replays.Rrweb(at + 3000, 5, """{"tag":"keyboard","payload":{"open":true,"height":300}}"""),
            Touch(at + 4000, 7, 205, 164),
            Touch(at + 4200, 9, 205, 164),
            Replays.Rrweb(at + 5000, 5, """{"tag":"keyboard","payload":{"open":false}}"""),
            Replays.Rrweb(at + 6000, 3, """{"source":0,"removes":[{"id":60,"parentId":10},{"id":61,"parentId":60}]}"""),
            Change(at + 66_000, ("updates", [Mutated(total, 10)])),
            Touch(at + 67_000, 7, 10, 10),
        ];
    }

    /// <summary>posthog-ios with wireframes: a full snapshot for each change, and the screen is turned.</summary>
    public static JsonObject[] Ios(long at)
    {
        static JsonObject Window(int width, int height, string text) => JsonNode.Parse($$"""
            {"id":5006123456,"x":0,"y":0,"width":{{width}},"height":{{height}},"style":{"backgroundColor":"#FFFFFF","borderWidth":0,"borderRadius":0},"childWireframes":[
              {"id":5006123457,"x":0,"y":0,"width":{{width}},"height":{{height}},"childWireframes":[
                {"id":5006123458,"x":16,"y":60,"width":250,"height":30,"type":"text","text":"{{text}}","disabled":false,
                 "style":{"color":"#0000FF","fontFamily":".AppleSystemUIFont","fontSize":22,"horizontalAlign":"left"} },
                {"id":5006123459,"x":16,"y":110,"width":250,"height":36,"type":"input","inputType":"text_area","value":"ann@example.org","disabled":false,"style":{"fontSize":16,"borderWidth":1,"borderRadius":6,"borderColor":"#888888"} },
                {"id":5006123460,"x":16,"y":160,"width":120,"height":44,"type":"input","inputType":"button","value":"Sign in","disabled":false,"style":{"backgroundColor":"#007AFF"},
                 "childWireframes":[{"id":5006123461,"x":40,"y":170,"width":80,"height":24,"type":"text","text":"Sign in","style":{"color":"#FFFFFF","fontSize":16,"horizontalAlign":"center","verticalAlign":"center"} }]},
                {"id":5006123462,"x":16,"y":220,"width":51,"height":31,"type":"input","inputType":"toggle","checked":false},
                {"id":5006123463,"x":16,"y":270,"width":250,"height":4,"type":"input","inputType":"progress","value":0.5,"max":1,"style":{"bar":"horizontal"} },
                {"id":5006123464,"x":16,"y":290,"width":20,"height":20,"type":"input","inputType":"progress","style":{"bar":"circular"} },
                {"id":5006123465,"x":16,"y":330,"width":50,"height":50,"type":"image"}]}]}
            """)!.AsObject();

        return
        [
            Replays.Rrweb(at, 4, """{"href":"LoginViewController","width":390,"height":844}"""),
            Full(at, Window(390, 844, "Welcome")),
            Touch(at + 1000, 7, 76, 182),
            Touch(at + 1100, 9, 76, 182),
            Full(at + 2000, Window(390, 844, "Hello Ann")),
            Full(at + 4000, Window(844, 390, "Turned")),
            Full(at + 6000, Window(390, 844, "Back")),
            Touch(at + 7000, 7, 10, 10),
        ];
    }

    /// <summary>posthog-flutter: pictures of the screen, the Meta event in a snapshot of its own.</summary>
    public static JsonObject[] Flutter(long at) =>
    [
        Replays.Rrweb(at, 4, """{"href":"/home","width":393,"height":852}"""),
        Full(at + 10, Screenshot(1, 393, 852, Red)),
        Touch(at + 1000, 7, 200, 400),
        Touch(at + 1500, 9, 210, 500),
        Full(at + 2000, Screenshot(1, 393, 852, Blue)),
        Full(at + 4000, Screenshot(1, 393, 852, Red)),
        Touch(at + 5000, 7, 10, 10),
    ];

    /// <summary>
    /// posthog-react-native-session-replay, which takes pictures of the screen with the SDK of the platform. Here the Meta event
    /// is lost.
    /// </summary>
    public static JsonObject[] ReactNative(long at) =>
    [
        Full(at, Screenshot(77, 411, 866, Blue)),
        Touch(at + 1000, 7, 100, 100),
        Change(at + 2000, ("updates", [Mutated(Screenshot(77, 411, 866, Red), null)])),
        Change(at + 4000, ("updates", [Mutated(Screenshot(77, 411, 866, Blue), null)])),
        Touch(at + 5000, 7, 10, 10),
    ];

    public static JsonObject Touch(long at, int type, int x, int y) =>
        Replays.Rrweb(at, 3, $$"""{"id":0,"type":{{type}},"x":{{x}},"y":{{y}},"source":2,"pointerType":2}""");

    public static JsonObject Full(long at, JsonObject wireframe)
    {
        JsonObject rrweb = Replays.Rrweb(at, 2, """{"initialOffset":{"top":0,"left":0}}""");
        rrweb["data"]!["wireframes"] = new JsonArray(wireframe.DeepClone());
        return rrweb;
    }

    private static JsonObject Screenshot(int id, int width, int height, string picture) =>
        JsonNode.Parse($$"""{"id":{{id}},"x":0,"y":0,"width":{{width}},"height":{{height}},"type":"screenshot","base64":"{{picture}}","style":{} }""")!.AsObject();

    private static JsonObject Change(long at, params (string Name, JsonObject[] Items)[] changes)
    {
        JsonObject rrweb = Replays.Rrweb(at, 3, """{"source":0}""");
        foreach ((string name, JsonObject[] items) in changes)
        {
            rrweb["data"]![name] = new JsonArray([.. items]);
        }

        return rrweb;
    }

    private static JsonObject Mutated(JsonObject wireframe, int? parent)
    {
        JsonObject made = new() { ["wireframe"] = wireframe.DeepClone() };
        if (parent is not null)
        {
            made["parentId"] = parent;
        }

        return made;
    }
}
