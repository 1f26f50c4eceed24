using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sessions.Web.Grains;

/// <summary>Adds a way back to the page of Orleans' dashboard, which knows nothing of ours.</summary>
internal static class DashboardBar
{
    /// <summary>The address of the dashboard.</summary>
    public const string Dashboard = "/dashboard";

    private const string End = "</body>";

    private const string Bar =
        """
        <nav aria-label="Sessions" style="position:fixed;right:12px;bottom:12px;z-index:2000;display:flex;gap:14px;padding:8px 14px;border-radius:10px;background:#151922;color:#fff;font:14px system-ui,sans-serif;box-shadow:0 4px 16px rgb(0 0 0 / .3)">
        <a href="/" style="color:#b9c5ff">← Back to Sessions</a><a href="/grains" style="color:#b9c5ff">Find a grain</a></nav>
        """;

    /// <summary>Adds it.</summary>
    public static void UseDashboardBar(this WebApplication app) => app.Use((context, next) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value?.TrimEnd('/') == Dashboard ? Answer(context, next) : next(context));

    private static async Task Answer(HttpContext context, RequestDelegate next)
    {
        // The page is read as text, and it is short.
        context.Request.Headers.AcceptEncoding = default;
        context.Request.Headers.IfNoneMatch = default;
        context.Request.Headers.IfModifiedSince = default;
        Stream real = context.Response.Body;
        using MemoryStream answer = new();
        context.Response.Body = answer;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = real;
        }

        byte[] bytes = answer.ToArray();
        if (context.Response.StatusCode == StatusCodes.Status200OK && context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            string page = Encoding.UTF8.GetString(bytes);
            int end = page.LastIndexOf(End, StringComparison.OrdinalIgnoreCase);
            bytes = Encoding.UTF8.GetBytes(end < 0 ? page + Bar : page.Insert(end, Bar));
            context.Response.Headers.ETag = default;
            context.Response.Headers.LastModified = default;
            context.Response.ContentLength = bytes.Length;
        }

        if (bytes.Length > 0)
        {
            await real.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
