using Sessions.Queries;
using Sessions.Web.Browsing;

namespace Sessions.Tests.Web.Pages;

/// <summary>Events have names that say what happened, and never what a user typed.</summary>
public sealed class EventTitleTests
{
    [Theory]
    [InlineData("""{"$event_type":"click","$el_text":"Add to basket"}""", "Click “Add to basket”")]
    [InlineData("""{"$el_text":"Add to basket"}""", "Click “Add to basket”")]
    [InlineData("""{"$event_type":"click","$elements_chain":"button.a.b:attr__class=\"a b\"nth-child=\"1\"text=\"Buy \\\"now\\\"; please\";div:nth-child=\"2\""}""", "Click “Buy \"now\"; please”")]
    [InlineData("""{"$event_type":"click","$elements":[{"tag_name":"span","$el_text":"Go"},{"tag_name":"a"}]}""", "Click “Go”")]
    [InlineData("""{"$event_type":"click","$elements_chain":"svg:nth-child=\"1\";button:attr__aria-label=\"Close\"nth-child=\"1\""}""", "Click “Close”")]
    [InlineData("""{"$event_type":"click","$elements_chain":"button:nth-child=\"1\";div:attr__id=\"page\"nth-child=\"1\""}""", "Click on button")]
    [InlineData("""{"$event_type":"click","$elements_chain":"input:attr__name=\"email\"attr__type=\"text\"attr__value=\"ann@example.org\""}""", "Click in field “email”")]
    [InlineData("""{"$event_type":"click"}""", "Click")]
    [InlineData("""{"$event_type":"change","$el_text":"secret","$elements":[{"tag_name":"input","attr__name":"email","attr__value":"secret","$el_text":"secret"}]}""", "Changed field “email”")]
    [InlineData("""{"$event_type":"change","$elements_chain":"input:attr__id=\"card\"attr__value=\"secret\"text=\"secret\""}""", "Changed field “card”")]
    [InlineData("""{"$event_type":"change","$elements_chain":"input:attr__value=\"secret\""}""", "Changed field")]
    [InlineData("""{"$event_type":"submit","$elements_chain":"form:attr__name=\"signup\"attr__action=\"/x\""}""", "Submitted form “signup”")]
    [InlineData("""{"$event_type":"submit"}""", "Submitted form")]
    [InlineData("""{"$event_type":"touch","$elements":[{"tag_name":"Text","$el_text":"Basket"}]}""", "Touch “Basket”")]
    public void An_autocaptured_event_is_named_after_its_element(string properties, string name) =>
        Assert.Equal(name, Title("$autocapture", properties).Name);

    [Theory]
    [InlineData("$pageview", "{}", "Page view", "/basket")]
    [InlineData("$screen", """{"$screen_name":"Checkout"}""", "Screen", "Checkout")]
    [InlineData("$screen", "{}", "Screen", "without a name")]
    [InlineData("$rageclick", """{"$el_text":"Pay"}""", "Rage click “Pay”", "/basket")]
    [InlineData("$exception", """{"$exception_list":[{"type":"TypeError","value":"x is undefined"}]}""", "Exception", "TypeError: x is undefined")]
    [InlineData("$exception", """{"$exception_list":[5],"$exception_message":"broke"}""", "Exception", "broke")]
    [InlineData("order paid", "{}", "order paid", "/basket")]
    [InlineData("$web_vitals", "{}", "Web vitals", "/basket")]
    public void Other_events_are_named_in_words(string happened, string properties, string name, string about) =>
        Assert.Equal((name, about), (Title(happened, properties).Name, Title(happened, properties).About));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"$elements_chain":5,"$elements":{},"$el_text":[]}""")]
    [InlineData("""{"$elements_chain":";;;:::=\"=\"","$elements":[null,1]}""")]
    [InlineData("""{"$elements_chain":"button:text=\"never ends"}""")]
    public void Malformed_elements_give_a_name_without_them(string properties) =>
        Assert.StartsWith("Click", Title("$autocapture", properties).Name, StringComparison.Ordinal);

    [Fact]
    public void A_long_text_is_shortened_and_cannot_turn_the_direction_of_what_follows()
    {
        string text = "‮‏" + string.Concat(Enumerable.Repeat("😀\n ", 10_000));
        string name = Title("$autocapture", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["$el_text"] = text })).Name;

        Assert.InRange(name.Length, 10, EventTitle.MostText + 12);
        Assert.StartsWith("Click “😀 😀", name, StringComparison.Ordinal);
        Assert.EndsWith("…”", name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_any_length_is_read_in_no_time() =>
        Assert.Equal(5, ElementsChain.Parse(string.Concat(Enumerable.Repeat("div:a=\"1\";", 100_000))).Count);

    private static EventTitle Title(string name, string properties) => EventTitle.Of(new EventRow(
        Guid.Empty, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, name, "ann", null, null, "https://shop.example/basket", "/basket", properties, 0));
}
