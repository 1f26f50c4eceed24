using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Replay.Mobile;

/// <summary>Each kind of wireframe is drawn, and none can do harm.</summary>
public sealed class WireframeTests : IDisposable
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly PlayedScreen _screen = new();

    public void Dispose() => _screen.Dispose();

    [Theory]
    [InlineData("""{"type":"text","text":"Hello"}""", "\"textContent\":\"Hello\"")]
    [InlineData("""{"type":"image","base64":"PNG"}""", "data:image/png;base64,iVBOR")]
    [InlineData("""{"type":"image","base64":"data:image/webp;base64,UklGRg=="}""", "\"src\":\"data:image/webp;base64,UklGRg==\"")]
    [InlineData("""{"type":"image"}""", "\"textContent\":\"Image\"")]
    [InlineData("""{"type":"screenshot","base64":"data:image\/jpeg;base64,\/9j\/4AAQ\u003d"}""", "data:image/jpeg;base64,/9j/4AAQ=")]
    [InlineData("""{"type":"rectangle","style":{"backgroundColor":"#00ff00","borderWidth":2,"borderColor":"#0000ff","borderRadius":8}}""", "background-color:#00ff00;border:2px solid #0000ff;border-radius:8px;")]
    [InlineData("""{"type":"div","style":{"opacity":0.5}}""", "opacity:0.5;")]
    [InlineData("""{"type":"web_view"}""", "\"textContent\":\"Web view\"")]
    [InlineData("""{"type":"web_view","url":"https://shop.example/"}""", "\"textContent\":\"https://shop.example/\"")]
    [InlineData("""{"type":"placeholder","label":"Camera"}""", "\"textContent\":\"Camera\"")]
    [InlineData("""{"type":"status_bar","style":{"backgroundColor":"#112233"}}""", "\"data-wireframe\":\"status_bar\"")]
    [InlineData("""{"type":"navigation_bar"}""", "bottom:0;width:100%;height:48px;")]
    [InlineData("""{"type":"radio_group"}""", "\"data-wireframe\":\"radio_group\"")]
    [InlineData("""{"type":"input","inputType":"text","value":"typed"}""", "\"type\":\"text\",\"value\":\"typed\"")]
    [InlineData("""{"type":"input","inputType":"password","value":"***"}""", "\"type\":\"password\",\"value\":\"***\"")]
    [InlineData("""{"type":"input","inputType":"email","value":"a@b.c"}""", "\"type\":\"email\"")]
    [InlineData("""{"type":"input","inputType":"number","value":12}""", "\"type\":\"number\",\"value\":\"12\"")]
    [InlineData("""{"type":"input","inputType":"number","value":"**"}""", "\"type\":\"text\",\"value\":\"**\"")]
    [InlineData("""{"type":"input","value":"typed"}""", "\"tagName\":\"input\"")]
    [InlineData("""{"type":"input","inputType":"text_area","value":"long"}""", "\"tagName\":\"textarea\"")]
    [InlineData("""{"type":"input","inputType":"textarea","value":"long"}""", "\"textContent\":\"long\"")]
    [InlineData("""{"type":"input","inputType":"button","value":"Buy","disabled":true}""", "\"type\":\"button\",\"disabled\":\"\"")]
    [InlineData("""{"type":"input","inputType":"select","value":"b","options":["a","b"]}""", "\"selected\":\"\"},\"childNodes\":[{\"type\":3,\"id\":ID,\"textContent\":\"b\"}]")]
    [InlineData("""{"type":"input","inputType":"select","value":"c"}""", "\"textContent\":\"c\"")]
    [InlineData("""{"type":"input","inputType":"checkbox","checked":true,"label":"Terms"}""", "\"type\":\"checkbox\",\"checked\":\"\"")]
    [InlineData("""{"type":"input","inputType":"radio","checked":false,"label":"Card"}""", "\"textContent\":\"Card\"")]
    [InlineData("""{"type":"input","inputType":"toggle","checked":true}""", "\"aria-checked\":\"true\"")]
    [InlineData("""{"type":"input","inputType":"progress","value":3,"max":10,"style":{"bar":"horizontal"}}""", "\"max\":\"10\",\"value\":\"3\"")]
    [InlineData("""{"type":"input","inputType":"progress","style":{"bar":"circular"}}""", "\"role\":\"progressbar\"")]
    [InlineData("""{"type":"input","inputType":"progress","value":3,"max":5,"style":{"bar":"rating"}}""", "\u2605\u2605\u2605\u2606\u2606")]
    [InlineData("""{"type":"text","text":"x","style":{"horizontalAlign":"right","verticalAlign":"bottom","paddingLeft":4,"paddingTop":2}}""", "align-items:flex-end;justify-content:flex-end;text-align:right;")]
    [InlineData("""{"type":"text","text":"x","style":{"fontFamily":"sans-serif-bold"}}""", "font-family:sans-serif;font-weight:bold;")]
    [InlineData("""{"type":"text","text":"x","style":{"backgroundImage":"PNG","iconLeft":"PNG"}}""", "margin-right:4px")]
    [InlineData("""{"type":"hologram","text":"later"}""", "\"textContent\":\"later\"")]
    public void A_wireframe_is_drawn(string wireframe, string part)
    {
        _screen.Full($"[{wireframe.Replace("PNG", Png, StringComparison.Ordinal)}]");

        string shown = System.Text.RegularExpressions.Regex.Replace(
            Body.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), "\"id\":\\d+", "\"id\":ID");
        Assert.Contains(part, shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_button_whose_text_is_also_in_a_label_shows_it_once()
    {
        _screen.Full("""[{"id":1,"type":"input","inputType":"button","value":"Buy","childWireframes":[{"id":2,"type":"text","text":"Buy"}]}]""");

        Assert.Equal("1(2 \"Buy\")", _screen.Outline);
    }

    [Theory]
    [InlineData("""{"type":"text","text":"<script>ran()</script><img src=x onerror=ran()>"}""")]
    [InlineData("""{"type":"image","base64":"https://evil.example/x.png"}""")]
    [InlineData("""{"type":"image","base64":"javascript:ran()"}""")]
    [InlineData("""{"type":"image","base64":"data:text/html;base64,PHNjcmlwdD4="}""")]
    [InlineData("""{"type":"image","base64":"data:image/svg+xml,<svg onload=ran()>"}""")]
    [InlineData("""{"type":"image","base64":"data:image/png;base64,x\" onerror=\"ran()"}""")]
    [InlineData("""{"type":"image","base64":"//evil.example/x"}""")]
    [InlineData("""{"type":"web_view","url":"javascript:ran()"}""")]
    [InlineData("""{"type":"div","style":{"backgroundColor":"red;background:url(https://evil.example/x)"}}""")]
    [InlineData("""{"type":"div","style":{"backgroundColor":"url(https://evil.example/x)"}}""")]
    [InlineData("""{"type":"div","style":{"color":"image-set('https://evil.example/x')"}}""")]
    [InlineData("""{"type":"div","style":{"backgroundImage":"https://evil.example/x"}}""")]
    [InlineData("""{"type":"text","text":"x","style":{"fontFamily":"x;}@import 'https://evil.example/x'"}}""")]
    [InlineData("""{"type":"div","x":"1px;background:url(https://evil.example/x)","width":"calc(1px)"}""")]
    [InlineData("""{"type":"<script>","inputType":"\"><script>"}""")]
    [InlineData("""{"type":"input","inputType":"image","value":"https://evil.example/x"}""")]
    public void Nothing_in_a_wireframe_can_run_or_load(string wireframe)
    {
        _screen.Full($"[{wireframe}]");

        foreach (JsonObject element in Elements(Body))
        {
            Assert.Contains((string)element["tagName"]!, (string[])["body", "div", "span", "img", "input"]);
            foreach ((string name, JsonNode? value) in element["attributes"]!.AsObject())
            {
                Assert.Contains(name, (string[])["style", "data-wireframe", "type", "value", "alt"]);
                Assert.True(name != "style" || !((string)value!).Contains("url(", StringComparison.Ordinal), $"{value}");
                Assert.True(name != "style" || !((string)value!).Contains("evil.example/", StringComparison.Ordinal), $"{value}");
            }
        }
    }

    [Theory]
    [InlineData("[null,5,\"x\",[],[[{}]],{}]")]
    [InlineData("""[{"id":null,"x":"NaN","y":1e999,"width":-5,"height":1e308,"type":5,"style":[],"childWireframes":{}}]""")]
    [InlineData("""[{"id":{},"x":[],"y":{},"width":true,"type":"text","text":{"a":1},"style":{"color":5,"fontSize":"big","borderWidth":"x","opacity":"y"}}]""")]
    [InlineData("""[{"id":1,"type":"input","inputType":7,"value":[],"options":"x","checked":"maybe","max":"x"}]""")]
    [InlineData("""[{"id":1,"type":"input","inputType":"select","options":[null,{},5,"x"]}]""")]
    [InlineData("""[{"id":1,"type":"input","inputType":"progress","value":1e308,"max":-1,"style":{"bar":"rating"}}]""")]
    [InlineData("""[{"id":1,"type":"text","text":"\ud800"}]""")]
    [InlineData("""[{"id":1,"type":"image","base64":"\ud800"}]""")]
    [InlineData("""[{"\ud800":1,"id":2}]""")]
    [InlineData("{}")]
    public void A_broken_wireframe_harms_nothing_and_the_next_snapshot_is_shown(string wireframes)
    {
        _screen.Full(wireframes);
        foreach (string change in (string[])
            [
                $"\"adds\":{wireframes}", "\"removes\":5,\"updates\":{},\"adds\":\"x\"",
                """ "adds":[{"wireframe":null},{"wireframe":[]},{"parentId":{},"wireframe":{"id":9}},null] """,
            ])
        {
            // Without a screen, changes are left out.
            _screen.Change(change);
        }

        foreach (string odd in (string[])
            [
                """{"type":3,"timestamp":5,"data":{"source":2,"type":99,"x":1,"y":1}}""",
                """{"type":3,"timestamp":5,"data":{"source":2,"type":7,"x":"a"}}""",
                """{"type":3,"timestamp":5,"data":{"source":6,"positions":[null,{"x":1},{"x":1,"y":2,"timeOffset":"x"}]}}""",
                """{"type":3,"timestamp":5,"data":{"source":4,"width":-1,"height":"x"}}""",
                """{"type":3,"timestamp":5,"data":{"source":1e99}}""",
                """{"type":3,"timestamp":5,"data":null}""",
                """{"type":5,"timestamp":5,"data":{"tag":"keyboard","payload":5}}""",
                """{"type":5,"timestamp":5,"data":{"tag":"keyboard","payload":{"open":true,"height":1e300}}}""",
                """{"type":5,"timestamp":5,"data":{"tag":"keyboard","payload":{"open":false}}}""",
            ])
        {
            _screen.Play(odd);
        }

        _screen.Full("""[{"id":1,"type":"text","text":"goes on"}]""");
        Assert.Equal("1 \"goes on\"", _screen.Outline);
    }

    private JsonObject Body => _screen.Body;

    private static IEnumerable<JsonObject> Elements(JsonObject node) =>
        node["tagName"] is null ? [] : [node, .. node["childNodes"]!.AsArray().SelectMany(child => Elements(child!.AsObject()))];
}
