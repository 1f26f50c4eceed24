using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Api;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>The pages that ask over many sessions: the overview, the explorer and SQL.</summary>
internal static class AskingEndpoints
{
    private const string SchemaText =
        """
        select table_name, column_name, data_type
        from   information_schema.columns
        where  table_schema = 'analytics'
        order by table_name = 'sessions' desc, table_name, ordinal_position
        """;

    private const int RowsInTables = 8;

    public static void MapAsking(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", Overview);
        pages.MapGet("/explore", Explore);
        pages.MapGet("/sql", ShowSql);
        pages.MapPost("/sql", RunSql);
        pages.MapPost("/sql/csv", SqlAsCsv);
    }

    private static async Task<RazorComponentResult<OverviewPage>> Overview(
        HttpContext context, Lookers lookers, PageQueries queries, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        string from = query["date_from"] ?? OverviewView.DefaultFrom;
        bool compare = from != "all" && query["compare"] != "off";
        IReadOnlyList<FilterRow> filters = FilterRows.Read(query);
        Metric shown = Metric.All.FirstOrDefault(metric => metric.Id == query["metric"]) ?? Metric.All[0];
        QueryBody numbers = new()
        {
            From = from,
            To = query["date_to"],
            Interval = OverviewView.IntervalOf(from, query["date_to"]),
            Series = Metric.AllSeries,
            Filters = filters,
            Compare = compare,
        };
        QueryBody[] all =
        [
            numbers,
            .. TopTable.All.Select(table => numbers with
            {
                Interval = null, Series = TopTable.Series, Compare = false, Breakdown = table.Property, Limit = RowsInTables,
            }),
        ];
        // Without filters they share what they read. With them each asks Postgres, and not one after the other.
        IReadOnlyList<QueryAnswer> answers = filters is []
            ? await queries.Ask(looker, all, cancellation)
            : await Task.WhenAll(all.Select(one => queries.Ask(looker, one, cancellation)));
        OverviewView view = new(
            query,
            from,
            numbers.Interval,
            compare,
            filters,
            shown,
            answers[0],
            [.. TopTable.All.Zip(answers.Skip(1), (table, answer) => new TopTable(table.Title, table.Property, answer))]);
        return new RazorComponentResult<OverviewPage>(new { Looker = looker, View = view });
    }

    private static async Task<RazorComponentResult<ExplorePage>> Explore(
        HttpContext context, Lookers lookers, PageQueries queries, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        ExploreState state = ExploreState.Of(PageQuery.Of(context.Request));
        QueryAnswer answer = await queries.Ask(looker, state.Body, cancellation);
        return new RazorComponentResult<ExplorePage>(new { Looker = looker, View = new ExploreView(state, answer) });
    }

    private static async Task<RazorComponentResult<SqlPage>> ShowSql(
        HttpContext context, Lookers lookers, SqlQueries sql, SqlTurns turns, IOptions<SqlOptions> options, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        SqlView view = new(context.Request.Query["q"].ToString() is { Length: > 0 } asked ? asked : SqlView.First, await Schema(looker, sql, turns, options, cancellation));
        return new RazorComponentResult<SqlPage>(new { Looker = looker, View = view });
    }

    private static async Task<RazorComponentResult<SqlPage>> RunSql(
        IFormCollection form,
        HttpContext context,
        Lookers lookers,
        SqlQueries sql,
        SqlTurns turns,
        IOptions<SqlOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string text = Text(form);
        long begun = time.GetTimestamp();
        (SqlAnswer? answer, string? fault) = await Run(looker, text, sql, turns, options, cancellation);
        TimeSpan took = time.GetElapsedTime(begun);
        SqlView view = new(text, await Schema(looker, sql, turns, options, cancellation)) { Answer = answer, Took = took, Fault = fault };
        return new RazorComponentResult<SqlPage>(new { Looker = looker, View = view });
    }

    private static async Task<IResult> SqlAsCsv(
        IFormCollection form,
        HttpContext context,
        Lookers lookers,
        SqlQueries sql,
        SqlTurns turns,
        IOptions<SqlOptions> options,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string text = Text(form);
        (SqlAnswer? answer, string? fault) = await Run(looker, text, sql, turns, options, cancellation);
        if (answer is null)
        {
            SqlView view = new(text, await Schema(looker, sql, turns, options, cancellation)) { Fault = fault };
            return new RazorComponentResult<SqlPage>(new { Looker = looker, View = view });
        }

        context.Response.Headers.ContentDisposition = "attachment; filename=\"result.csv\"";
        return new CsvAnswer(answer, new Csv(runs: false));
    }

    /// <summary>A form's ends of lines are two characters, which would shift what Postgres says of a position.</summary>
    private static string Text(IFormCollection form) => form["q"].ToString().ReplaceLineEndings("\n").Trim();

    private static async Task<(SqlAnswer? Answer, string? Fault)> Run(
        Looker looker, string text, SqlQueries sql, SqlTurns turns, IOptions<SqlOptions> options, CancellationToken cancellation)
    {
        if (text.Length == 0 || text.Length > options.Value.MaxBodyBytes || !PropertyText.TryParse(PropertyType.Text, text, out _))
        {
            return (null, $"Write a query, such as: select count(*) from sessions. It may have {options.Value.MaxBodyBytes} characters.");
        }

        SqlAnswer? answer = null;
        IResult result = await turns.Take(
            async timely =>
            {
                try
                {
                    answer = await sql.Run(
                        looker.Project, text, turns.Limits, new SqlSize(options.Value.MaxRows, options.Value.MaxCharacters), timely);
                    return TypedResults.Empty;
                }
                catch (SqlRefusedException refused)
                {
                    return TypedResults.Problem(detail: Placed(refused, text));
                }
            },
            cancellation);
        return result is ProblemHttpResult problem
            ? (null, problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title)
            : (answer, null);
    }

    private static string Placed(SqlRefusedException refused, string text)
    {
        if (refused.Position <= 0 || refused.Position > text.Length)
        {
            return $"Postgres refused it: {refused.Message}.";
        }

        string before = text[..(refused.Position - 1)];
        int line = before.Count(character => character == '\n') + 1;
        return $"Postgres refused it: {refused.Message}, in line {line} at character {before.Length - before.LastIndexOf('\n')}.";
    }

    private static async Task<IReadOnlyList<(string View, IReadOnlyList<SqlColumn> Columns)>> Schema(
        Looker looker, SqlQueries sql, SqlTurns turns, IOptions<SqlOptions> options, CancellationToken cancellation)
    {
        (SqlAnswer? answer, _) = await Run(looker, SchemaText, sql, turns, options, cancellation);
        return
        [
            .. (answer?.Rows ?? []).GroupBy(row => row[0]!).Select(view => (
                view.Key, (IReadOnlyList<SqlColumn>)[.. view.Select(row => new SqlColumn(row[1]!, row[2]!))])),
        ];
    }
}
