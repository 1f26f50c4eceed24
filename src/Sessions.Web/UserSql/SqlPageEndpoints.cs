using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Database.Properties;
using Sessions.Queries.UserSql;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.UserSql;

/// <summary>The page for SQL queries.</summary>
internal static class SqlPageEndpoints
{
    public static void MapSqlPage(this IEndpointRouteBuilder pages)
    {
        // The range and the filters of the page before are kept for the page that follows.
        PageFields fields = new([.. PageFields.Carried, "q"]);
        pages.MapGet("/sql", Show).WithMetadata(fields);
        pages.MapPost("/sql", Ask).WithMetadata(fields);
        pages.MapPost("/sql/csv", RunAsCsv).WithMetadata(fields);
    }

    // Servers and proxies take addresses of at least this length.
    private const int LongestAddress = 4_000;

    /// <summary>
    /// Shows the query of the address with its result. A link on another site only fills in the query: whether it runs is up
    /// to the person.
    /// </summary>
    private static async Task<RazorComponentResult<SqlPage>> Show(
        HttpContext context,
        PageContextFactory contexts,
        SqlRunner sql,
        IOptions<SqlOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string text = Text(context.Request.Query["q"].ToString());
        if (text.Length > 0 && context.Request.Headers["Sec-Fetch-Site"] != "cross-site")
        {
            return await RunAndShow(text, context, contexts, sql, options.Value, time, cancellation);
        }

        PageContext pageContext = await contexts.Of(context);
        return Page(pageContext, new SqlView(text.Length > 0 ? text : SqlView.First, await sql.GetSchema(pageContext.Project, cancellation)));
    }

    /// <summary>Leads to the address of the query, so that a reload, a link and a bookmark show the same. A long query has none.</summary>
    private static async Task<IResult> Ask(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        SqlRunner sql,
        IOptions<SqlOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string text = Text(form["q"].ToString()), address = PageQuery.Of(context.Request, "/sql").Only(PageFields.Carried).With("q", text).ToString();
        return text.Length > 0 && address.Length <= LongestAddress
            ? TypedResults.LocalRedirect(address)
            : await RunAndShow(text, context, contexts, sql, options.Value, time, cancellation);
    }

    private static async Task<RazorComponentResult<SqlPage>> RunAndShow(
        string text,
        HttpContext context,
        PageContextFactory contexts,
        SqlRunner sql,
        SqlOptions options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        long begun = time.GetTimestamp();
        (SqlAnswer? answer, string? fault) = await Run(context.User, text, sql, options, cancellation);
        TimeSpan took = time.GetElapsedTime(begun);
        return Page(pageContext, new SqlView(text, await sql.GetSchema(pageContext.Project, cancellation)) { Answer = answer, Took = took, Fault = fault });
    }

    private static async Task<IResult> RunAsCsv(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        SqlRunner sql,
        IOptions<SqlOptions> options,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string text = Text(form["q"].ToString());
        (SqlAnswer? answer, string? fault) = await Run(context.User, text, sql, options.Value, cancellation);
        if (answer is null)
        {
            return Page(pageContext, new SqlView(text, await sql.GetSchema(pageContext.Project, cancellation)) { Fault = fault });
        }

        context.Response.Headers.ContentDisposition = "attachment; filename=\"result.csv\"";
        return new CsvAnswer(answer, new Csv(runs: false));
    }

    private static RazorComponentResult<SqlPage> Page(PageContext pageContext, SqlView view) => new(new { PageContext = pageContext, View = view });

    /// <summary>
    /// Reads the query. Forms use two characters for a line break, which would shift the position in the engine's error.
    /// </summary>
    private static string Text(string typed) => typed.ReplaceLineEndings("\n").Trim();

    private static async Task<(SqlAnswer? Answer, string? Fault)> Run(
        ClaimsPrincipal caller, string text, SqlRunner sql, SqlOptions options, CancellationToken cancellation)
    {
        if (text.Length == 0 || text.Length > options.MaxBodyBytes || !PropertyText.TryParse(PropertyType.Text, text, out _))
        {
            return (null, $"Write a query, such as: select count(*) from sessions. It may have at most {options.MaxBodyBytes} characters.");
        }

        if (SqlWords.Writing(text) is { } word)
        {
            return (null, $"This page only reads, and {word} does not. A query begins with select, with, values or table.");
        }

        try
        {
            Outcome<SqlAnswer> outcome = await sql.Run(caller, text, engine: null, cancellation);
            return outcome.TryGet(out SqlAnswer? answer) ? (answer, null) : (null, outcome.Fault);
        }
        catch (SqlRefusedException refused)
        {
            return (null, Placed(refused, text));
        }
        catch (SqlMemoryException tooMuch)
        {
            return (null, tooMuch.Message);
        }
    }

    private static string Placed(SqlRefusedException refused, string text)
    {
        string message = $"{SqlEndpoints.NameOf(refused.Engine)} refused the query: {refused.Message.ReplaceLineEndings(" ").TrimEnd('.')}";
        if (refused.Position <= 0 || refused.Position > text.Length)
        {
            return $"{message}.";
        }

        string before = text[..(refused.Position - 1)];
        int line = before.Count(character => character == '\n') + 1;
        return $"{message}, in line {line} at character {before.Length - before.LastIndexOf('\n')}.";
    }
}
