using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.Web.Api;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// Two risks of CSV files. First, a text of a visitor that a spreadsheet would run as a formula: it gets a <c>'</c>
/// before it in every CSV answer, also in column names, unless the caller asks for raw text; numbers stay numbers.
/// Second, a row that a reader of the file doesn't see: a line of one value is never empty.
/// </summary>
public sealed class SpreadsheetTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("=HYPERLINK(\"http://x.example\",\"go\")", true)]
    [InlineData("+1+1", true)]
    [InlineData("-1+cmd|' /C calc'!A0", true)]
    [InlineData("-5", true)] // in a column of texts
    [InlineData("@SUM(A1)", true)]
    [InlineData("\tx", true)]
    [InlineData("\rx", true)]
    [InlineData("\nx", true)]
    [InlineData("  =1+1", true)] // blanks are skipped
    [InlineData(" \u00a0\u3000=1+1", true)]
    [InlineData("\ufeff=1+1", true)] // and what can't be seen
    [InlineData("\u200b=1+1", true)]
    [InlineData("\u0001=1+1", true)]
    [InlineData(" \n=1+1", true)]
    [InlineData("＝1+1", true)] // as an East Asian keyboard types it
    [InlineData("＠SUM", true)]
    [InlineData("'=1+1", false)] // text already
    [InlineData("a=1+1", false)]
    [InlineData("/=1", false)]
    [InlineData("1-1", false)]
    [InlineData("{\"a\": -1}", false)]
    [InlineData("  ", false)]
    [InlineData("−5", false)] // a minus that no spreadsheet knows
    public void A_text_that_a_spreadsheet_would_run_as_a_formula_is_recognized(string text, bool isFormula) =>
        Assert.Equal(isFormula, Csv.IsFormula(text));

    [Theory]
    [InlineData("text", "'=a")]
    [InlineData("", "'=a")]
    [InlineData("raw", "=a")]
    public async Task An_export_escapes_formulas_unless_the_caller_asks_for_raw_text(string formulas, string expected)
    {
        using Asking asking = await Asking.About(
            gateway, (new StoredSession { Start = Noon, UtmSource = "=a", DistinctId = "@b,c" }).With("+d", 0, null, ("price", -1)));

        string sessions = await asking.Program.GetStringAsync($"/api/export/sessions?format=csv&formulas={formulas}");
        string events = await asking.Program.GetStringAsync($"/api/export/events?format=csv&formulas={formulas}");
        string json = await asking.Program.GetStringAsync($"/api/export/sessions?formulas={formulas}");

        string mark = formulas == "raw" ? "" : "'";
        Assert.Contains($",{expected},", sessions, StringComparison.Ordinal);
        Assert.Contains($",\"{mark}@b,c\",", sessions, StringComparison.Ordinal);
        Assert.Contains($",{mark}+d,\"{mark}@b,c\",", events, StringComparison.Ordinal);
        Assert.Contains(",\"{\"\"price\"\": -1}\"\r\n", events, StringComparison.Ordinal);
        Assert.Equal("=a", (string?)JsonNode.Parse(json)!["$entry_utm_source"]); // no spreadsheet opens this
    }

    [Theory]
    [InlineData("", "'=n,'+m,plain\r\n-1,'-1,'-1 days\r\n")]
    [InlineData("?formulas=raw", "=n,+m,plain\r\n-1,-1,-1 days\r\n")]
    public async Task An_SQL_answer_as_csv_escapes_formulas_also_in_column_names(string query, string expected)
    {
        using Asking asking = new(gateway);
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/sql" + query)
        {
            Content = new StringContent("""{"query":"select -1 as \"=n\", '-1' as \"+m\", interval '-1 day' as plain"}"""),
        };
        request.Headers.Add("Accept", "text/csv");

        using HttpResponseMessage answer = await asking.Program.SendAsync(request);

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Numbers_of_every_type_are_not_escaped()
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql(
            "select -1::smallint a, -1::bigint b, -1.50::numeric(4,2) c, -1.5::real d, '-Infinity'::float8 e, '-1'::jsonb f", "text/csv");

        Assert.Equal("a,b,c,d,e,f\r\n-1,-1,-1.50,-1.5,-Infinity,-1\r\n", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/export/sessions?format=csv&formulas=run")]
    [InlineData("/api/export/events?formulas=run")]
    public async Task An_unknown_value_for_formulas_is_refused(string path)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Program.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("formulas", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["field"]);
    }

    [Theory]
    [InlineData("select null as a union all select 'x' order by 1", "a\r\nx\r\n\"\"\r\n")]
    [InlineData("select '' as a", "a\r\n\"\"\r\n")]
    [InlineData("select '  ' as a", "a\r\n\"  \"\r\n")]
    [InlineData("select e'\\n' as a", "a\r\n\"'\n\"\r\n")]
    [InlineData("select null::int as a from generate_series(1, 2)", "a\r\n\"\"\r\n\"\"\r\n")]
    [InlineData("select '\\.' as a", "a\r\n\"\\.\"\r\n")] // Postgres' own reader takes it for the end
    [InlineData("select 1 as \" \"", "\" \"\r\n1\r\n")] // a name that can't be seen
    [InlineData("select null as a, null as b", "a,b\r\n,\r\n")] // two nulls have a comma between them
    public async Task A_row_of_one_empty_value_is_not_an_empty_line(string query, string expected)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql(query, "text/csv");

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Each_csv_line_is_written_independently_of_the_lines_before()
    {
        Csv csv = new(runs: false);
        StringBuilder lines = new();

        csv.AppendNames(lines, ["=a"]);
        csv.AppendLine(lines, [default]);
        csv.AppendLine(lines, [new CsvValue("a,b")]);
        csv.AppendLine(lines, [default, new CsvValue("")]);

        Assert.Equal("'=a\r\n\"\"\r\n\"a,b\"\r\n,\"\"\r\n", lines.ToString());
    }
}
