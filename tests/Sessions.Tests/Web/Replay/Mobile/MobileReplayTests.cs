using System.Globalization;
using System.Text.Json.Nodes;
using Sessions.Web.Replay.Mobile;

namespace Sessions.Tests.Web.Replay.Mobile;

/// <summary>Wireframes become documents, and changes of them become changes of the documents.</summary>
public sealed class MobileReplayTests : IDisposable
{
    private const string Root = """[{"id":1,"x":0,"y":0,"width":390,"height":844,"childWireframes":[""";

    private readonly PlayedScreen _screen = new();

    public void Dispose() => _screen.Dispose();

    [Fact]
    public void A_full_snapshot_becomes_a_document_with_each_wireframe_at_its_place()
    {
        _screen.Full(Root + """{"id":2,"type":"text","text":"Cart","x":10,"y":20.5,"width":100,"height":30,"style":{"color":"#ff0000","fontSize":18}}]}]""");

        Assert.Equal("1(2 \"Cart\")", _screen.Outline);
        Assert.Contains("position:fixed;box-sizing:border-box;left:10px;top:20.5px;width:100px;height:30px;", _screen.StyleOf(2), StringComparison.Ordinal);
        Assert.Contains("color:#ff0000;font-size:18px;", _screen.StyleOf(2), StringComparison.Ordinal);
        Assert.Equal(["390x844"], _screen.Sizes);
        Assert.Equal([4, 2], _screen.Played.Select(one => (int)one["type"]!));
    }

    [Theory]
    [InlineData("""{"removes":[{"id":3,"parentId":1}]}""", "1(2 \"a\",4 \"c\")")]
    [InlineData("""{"removes":[{"id":99},{"id":3},{"id":3},4,"x",null]}""", "1(2 \"a\")")]
    [InlineData("""{"adds":[{"parentId":1,"wireframe":{"id":5,"type":"text","text":"d"}}]}""", "1(2 \"a\",3 \"b\",4 \"c\",5 \"d\")")]
    [InlineData("""{"adds":[{"parentId":77,"wireframe":{"id":5,"type":"text","text":"d"}}]}""", "1(2 \"a\",3 \"b\",4 \"c\"),5 \"d\"")]
    [InlineData("""{"adds":[{"wireframe":{"id":5,"type":"text","text":"d"}}]}""", "1(2 \"a\",3 \"b\",4 \"c\"),5 \"d\"")]
    [InlineData("""{"updates":[{"parentId":1,"wireframe":{"id":3,"type":"text","text":"B"}}]}""", "1(2 \"a\",3 \"B\",4 \"c\")")]
    [InlineData("""{"updates":[{"wireframe":{"id":3,"type":"text","text":"B"}}]}""", "1(2 \"a\",3 \"B\",4 \"c\")")]
    [InlineData("""{"updates":[{"parentId":77,"wireframe":{"id":3,"type":"text","text":"B"}}]}""", "1(2 \"a\",4 \"c\"),3 \"B\"")]
    [InlineData("""{"updates":[{"parentId":1,"wireframe":{"id":6,"type":"text","text":"new"}}]}""", "1(2 \"a\",3 \"b\",4 \"c\",6 \"new\")")]
    [InlineData("""{"updates":[{"parentId":2,"wireframe":{"id":4,"type":"text","text":"C"}}]}""", "1(2 \"a\"(4 \"C\"),3 \"b\")")]
    [InlineData("""{"updates":[{"parentId":1,"wireframe":{"id":4,"type":"text","text":"C"}},{"parentId":1,"wireframe":{"id":2,"type":"text","text":"A"}}]}""", "1(2 \"A\",3 \"b\",4 \"C\")")]
    [InlineData("""{"updates":[{"wireframe":{"id":1,"childWireframes":[{"id":4},{"id":7,"type":"text","text":"x"}]}}]}""", "1(4,7 \"x\")")]
    [InlineData("""{"updates":[{"wireframe":{"id":1,"childWireframes":[{"id":2}]}}],"removes":[{"id":1}]}""", "1(2)")]
    public void A_change_shows_what_the_SDK_meant(string data, string outline)
    {
        _screen.Full(Root + """{"id":2,"type":"text","text":"a"},{"id":3,"type":"text","text":"b"},{"id":4,"type":"text","text":"c"}]}]""");

        _screen.Change(data[1..^1]);

        Assert.Equal(outline, _screen.Outline);
    }

    [Fact]
    public void Wireframes_that_posthog_android_sends_as_children_and_again_as_additions_are_there_once()
    {
        _screen.Full(Root + "]}]");
        const string Inner = """{"id":3,"type":"text","text":"in"}""";

        _screen.Change($$$"""
            "adds":[{"parentId":1,"wireframe":{"id":2,"childWireframes":[{{{Inner}}},{"id":4}]}},{"parentId":2,"wireframe":{{{Inner}}}},{"parentId":2,"wireframe":{"id":4}}]
            """);
        Assert.Equal("1(2(3 \"in\",4))", _screen.Outline);
        // It also sends the children of what it removes.
        _screen.Change(""" "removes":[{"id":2,"parentId":1},{"id":3,"parentId":2},{"id":4,"parentId":2}] """);
        Assert.Equal("1", _screen.Outline);
    }

    [Fact]
    public void Ids_may_be_texts_negative_large_or_missing_and_changes_find_them()
    {
        _screen.Full("""[{"id":"one","childWireframes":[{"id":-5},{"id":9223372036854775807},{"id":1.5},{"id":"12"},{"x":1},{"x":2}]}]""");
        Assert.Equal(2 + 5, _screen.All.Split("data-wireframe").Length - 1);

        _screen.Change(""" "removes":[{"id":-5},{"id":9223372036854775807},{"id":1.5},{"id":12}],"adds":[{"parentId":"one","wireframe":{"id":8}}] """);

        Assert.Equal("?(?,?,8)", _screen.Outline);
    }

    [Fact]
    public void Two_wireframes_of_one_id_are_both_shown_and_one_inside_itself_goes_to_the_body()
    {
        _screen.Full("""[{"id":1,"childWireframes":[{"id":1,"type":"text","text":"again"},{"id":2}]}]""");
        Assert.Equal("1(? \"again\",2)", _screen.Outline);

        _screen.Change(""" "updates":[{"parentId":1,"wireframe":{"id":1,"childWireframes":[{"id":2}]}},{"parentId":2,"wireframe":{"id":1}}] """);

        Assert.Equal("1", _screen.Outline);
    }

    [Fact]
    public void A_touch_moves_the_pointer_and_touches_the_body()
    {
        _screen.Full(Root + "]}]");

        _screen.Play("""{"type":3,"timestamp":1764444000100,"data":{"id":0,"pointerType":2,"source":2,"type":7,"x":120,"y":340}}""");

        JsonObject[] last = [.. _screen.Played.TakeLast(2)];
        Assert.Equal(6, (int)last[0]["data"]!["source"]!);
        Assert.Equal((120, 340), ((int)last[0]["data"]!["positions"]![0]!["x"]!, (int)last[0]["data"]!["positions"]![0]!["y"]!));
        Assert.Equal((2, 7, 120, 340), ((int)last[1]["data"]!["source"]!, (int)last[1]["data"]!["type"]!, (int)last[1]["data"]!["x"]!, (int)last[1]["data"]!["y"]!));
        Assert.Equal((long)_screen.Body["id"]!, (long)last[1]["data"]!["id"]!);
        Assert.All(last, one => Assert.Equal(1764444000100, (long)one["timestamp"]!));
    }

    [Fact]
    public void The_keyboard_covers_the_lower_part_until_it_is_hidden_and_stays_over_a_new_snapshot()
    {
        _screen.Full(Root + "]}]");
        _screen.Play("""{"type":5,"timestamp":1764444000100,"data":{"tag":"keyboard","payload":{"open":true,"height":301}}}""");
        Assert.Contains("height:301px", _screen.All, StringComparison.Ordinal);
        Assert.Contains("Keyboard", _screen.All, StringComparison.Ordinal);

        _screen.Full(Root + "]}]");
        Assert.Contains("Keyboard", _screen.All, StringComparison.Ordinal);

        _screen.Play("""{"type":5,"timestamp":1764444000300,"data":{"tag":"keyboard","payload":{"open":false}}}""");
        Assert.DoesNotContain("Keyboard", _screen.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"id":1,"width":390,"height":844},{"id":2,"width":300,"height":900}]""", "390x844")]
    [InlineData("""[{"id":1,"width":300,"height":844,"childWireframes":[{"id":2,"width":411,"height":90},{"id":3,"width":411,"height":866}]}]""", "411x866")]
    [InlineData("""[{"id":1,"width":1e300,"height":10},{"id":2,"width":"375px","height":"667"}]""", "375x667")]
    [InlineData("""[{"id":1}]""", "")]
    public void Without_a_Meta_event_the_size_is_that_of_the_widest_wireframe(string wireframes, string size)
    {
        _screen.Full(wireframes);

        Assert.Equal(size, string.Join(",", _screen.Sizes));
    }

    [Fact]
    public void The_snapshots_own_size_comes_before_that_of_the_widest_wireframe()
    {
        _screen.Play("""{"type":2,"timestamp":1,"data":{"wireframes":[{"id":1,"width":300,"height":200}],"width":360,"height":780}}""");

        Assert.Equal(["360x780"], _screen.Sizes);
    }

    [Fact]
    public void A_turned_screen_changes_the_size_and_a_dialog_does_not()
    {
        _screen.Full("""[{"id":1,"width":390,"height":844}]""");
        _screen.Full("""[{"id":5,"x":40,"y":300,"width":310,"height":200}]""");
        Assert.Equal(["390x844"], _screen.Sizes);

        _screen.Full("""[{"id":1,"width":844,"height":390}]""");
        Assert.Equal(["390x844", "844x390"], _screen.Sizes);
        _screen.Change(""" "updates":[{"wireframe":{"id":1,"width":390,"height":844}}] """);
        Assert.Equal(["390x844", "844x390", "390x844"], _screen.Sizes);
    }

    [Fact]
    public void A_window_may_change_between_wireframes_and_the_document_of_a_page()
    {
        using MobileReplay replay = new();
        const string Web = """{"type":2,"timestamp":2,"data":{"node":{"type":0,"id":1,"childNodes":[]}}}""";
        const string Scroll = """{"type":3,"timestamp":3,"data":{"source":3,"id":1,"x":0,"y":0}}""";

        Assert.Null(replay.Count(Web));
        Assert.Null(replay.Count(Scroll));
        Assert.Equal(2, replay.Count("""{"type":2,"timestamp":2,"data":{"wireframes":[{"id":1,"width":1,"height":1}]}}"""));
        Assert.Equal(0, replay.Count(Scroll));
        Assert.Null(replay.Count(Web));
        Assert.Null(replay.Count(Scroll));
    }

    [Theory]
    [InlineData("""{"type":2,"timestamp":2,"data":{}}""")]
    [InlineData("""{"type" : 2,"timestamp":2}""")]
    [InlineData("""{"timestamp":2,"data":{"node":null},"type":2}""")]
    [InlineData("""{"type":2,"timestamp":2,"data":"text"}""")]
    [InlineData("""{"type":2,"timestamp":2,"data":{"wireframes":"text"}}""")]
    public void A_full_snapshot_in_an_unknown_form_is_left_out(string rrweb)
    {
        using MobileReplay replay = new();

        Assert.Equal(0, replay.Count(rrweb));
    }

    [Fact]
    public void More_wireframes_than_a_screen_has_are_left_out_and_deep_ones_are_shown()
    {
        string many = string.Join(",", Enumerable.Range(1, 30_000).Select(id => $$"""{"id":{{id.ToString(CultureInfo.InvariantCulture)}}}"""));
        _screen.Full($"[{many}]");
        Assert.Equal(20_000, _screen.Body["childNodes"]!.AsArray().Count);

        string deep = string.Concat(Enumerable.Range(1, 2_000).Select(id => $$"""{"id":{{id}},"childWireframes":[""")) + string.Concat(Enumerable.Repeat("]}", 2_000));
        _screen.Full($"[{deep}]");
        Assert.Equal("data-wireframe", _screen.All[_screen.All.LastIndexOf("data-wireframe", StringComparison.Ordinal)..][..14]);
        Assert.Equal(2_000, _screen.All.Split("data-wireframe").Length - 1);
    }
}
