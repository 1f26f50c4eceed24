
namespace Sessions.Tests.Web.Api.Querying;

/// <summary>The errors of a wrong query.</summary>
public sealed class QueryFieldsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Sessions = """[{"event":null,"math":"total"}]""";

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    [InlineData("""{"series":"\ud800"}""", "series")]
    [InlineData("""{"series":[{"event":"\ud800"}]}""", "body")]
    [InlineData("""{}""", "series")]
    [InlineData("""{"series":[]}""", "series")]
    [InlineData("""{"series":[1]}""", "series[0]")]
    [InlineData("""{"series":[{"event":""}]}""", "series[0].event")]
    [InlineData("""{"series":[{"event":1}]}""", "series[0].event")]
    [InlineData("""{"series":[{"math":"total"},{"math":"mean"}]}""", "series[1].math")]
    [InlineData("""{"series":[{"math":"avg"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"math":"avg","property":"$nothing"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"math":"avg","property":"$entry_pathname"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"filters":{}}]}""", "series[0].filters")]
    [InlineData("""{"series":[{"filters":[{"key":"$nothing"}]}]}""", "series[0].filters[0].key")]
    [InlineData("""{"series":[{"filters":[{"key":"","type":"event"}]}]}""", "series[0].filters[0].key")]
    [InlineData("""{"series":[{"filters":[{"key":"a","type":"person"}]}]}""", "series[0].filters[0].type")]
    [InlineData("""{"series":[{"sum":1}]}""", "series[0].sum")]
    [InlineData("""{"series":SESSIONS,"filters":[{"key":"status","operator":"like","value":"x"}]}""", "filters[0].operator")]
    [InlineData("""{"series":SESSIONS,"filters":[{"key":"status","operater":"is_not","value":"live"}]}""", "filters[0].operater")]
    [InlineData("""{"series":[{"filters":[{"property":"status","key":"status","value":"live"}]}]}""", "series[0].filters[0].property")]
    [InlineData("""{"series":SESSIONS,"filters":[{"key":"a","type":"event","operator":"between","value":[1,"x"]}]}""", "filters[0].value")]
    [InlineData("""{"series":SESSIONS,"filters":[{"key":"status","operator":"regex","value":"("}]}""", "filters")]
    [InlineData("""{"series":SESSIONS,"interval":"year"}""", "interval")]
    [InlineData("""{"series":SESSIONS,"interval":"minute","date_from":"2000-01-01"}""", "interval")]
    [InlineData("""{"series":SESSIONS,"timezone":"Mars/Olympus"}""", "timezone")]
    [InlineData("""{"series":SESSIONS,"timezone":"../etc/passwd"}""", "timezone")]
    [InlineData("""{"series":SESSIONS,"date_from":"soon"}""", "date_from")]
    [InlineData("""{"series":SESSIONS,"date_to":7}""", "date_to")]
    [InlineData("""{"series":SESSIONS,"compare":"yes"}""", "compare")]
    [InlineData("""{"series":SESSIONS,"compare":true}""", "compare")] // nothing lies before all time
    [InlineData("""{"series":SESSIONS,"formula":"A / B"}""", "formula")]
    [InlineData("""{"series":SESSIONS,"formula":"A +"}""", "formula")]
    [InlineData("""{"series":SESSIONS,"formula":""}""", "formula")]
    [InlineData("""{"series":SESSIONS,"breakdown":"status"}""", "breakdown")]
    [InlineData("""{"series":SESSIONS,"breakdown":{"property":"$nothing"}}""", "breakdown.property")]
    [InlineData("""{"series":SESSIONS,"breakdown":{"property":"status","bins":3}}""", "breakdown.bins")]
    [InlineData("""{"series":SESSIONS,"breakdown":{"property":"$event_count","bins":0}}""", "breakdown.bins")]
    [InlineData("""{"series":SESSIONS,"breakdown":{"property":"$event_count","bins":1.5}}""", "breakdown.bins")]
    [InlineData("""{"series":SESSIONS,"breakdown":{"property":"status","limit":100000}}""", "breakdown.limit")]
    [InlineData("""{"series":SESSIONS,"date_form":"2026-01-01"}""", "date_form")]
    public async Task A_wrong_field_of_a_query_is_named_in_the_error(string query, string field)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = SampleSessions.Noon });

        Assert.Equal(field, await asking.WrongField(query.Replace("SESSIONS", Sessions, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_query_with_more_than_26_series_is_refused()
    {
        using Asking asking = new(gateway);

        Assert.Equal("series", await asking.WrongField(
            $$"""{"series":[{{string.Join(',', Enumerable.Repeat("""{"math":"total"}""", 27))}}]}"""));
    }
}
