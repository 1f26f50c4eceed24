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
        pages.MapGet("/sql", Show);
        pages.MapPost("/sql", RunAndShow);
        pages.MapPost("/sql/csv", RunAsCsv);
    }

    private static async Task<RazorComponentResult<SqlPage>> Show(
        HttpContext context, PageContextFactory contexts, SqlRunner sql, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string text = context.Request.Query["q"].ToString() is { Length: > 0 } asked ? asked : SqlView.First;
        return Page(pageContext, new SqlView(text, await sql.GetSchema(pageContext.Project, cancellation)));
    }

    private static async Task<RazorComponentResult<SqlPage>> RunAndShow(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        SqlRunner sql,
        IOptions<SqlOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string text = Text(form);
        long begun = time.GetTimestamp();
        (SqlAnswer? answer, string? fault) = await Run(context.User, text, sql, options.Value, cancellation);
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
        string text = Text(form);
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
    /// Reads the query. Forms use two characters for a line break, which would shift the position in Postgres' error.
    /// </summary>
    private static string Text(IFormCollection form) => form["q"].ToString().ReplaceLineEndings("\n").Trim();

    private static async Task<(SqlAnswer? Answer, string? Fault)> Run(
        ClaimsPrincipal caller, string text, SqlRunner sql, SqlOptions options, CancellationToken cancellation)
    {
        if (text.Length == 0 || text.Length > options.MaxBodyBytes || !PropertyText.TryParse(PropertyType.Text, text, out _))
        {
            return (null, $"Write a query, such as: select count(*) from sessions. It may have at most {options.MaxBodyBytes} characters.");
        }

        try
        {
            Outcome<SqlAnswer> outcome = await sql.Run(caller, text, cancellation);
            return outcome.TryGet(out SqlAnswer? answer) ? (answer, null) : (null, outcome.Fault);
        }
        catch (SqlRefusedException refused)
        {
            return (null, Placed(refused, text));
        }
    }

    private static string Placed(SqlRefusedException refused, string text)
    {
        if (refused.Position <= 0 || refused.Position > text.Length)
        {
            return $"Postgres refused the query: {refused.Message}.";
        }

        string before = text[..(refused.Position - 1)];
        int line = before.Count(character => character == '\n') + 1;
        return $"Postgres refused the query: {refused.Message}, in line {line} at character {before.Length - before.LastIndexOf('\n')}.";
    }
}
