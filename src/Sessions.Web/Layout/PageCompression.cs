using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;

namespace Sessions.Web.Layout;

/// <summary>
/// Compresses pages, also over TLS. The length of a compressed page could reveal a secret in it to an attacker who can read the
/// lengths and choose a part of the page (BREACH). The marks in our forms differ in each answer, other sites can't make a browser
/// load a page in the background with its cookie, and a page that shows a new key or secret is not compressed.
/// </summary>
internal static class PageCompression
{
    public static void AddPageCompression(this IServiceCollection services)
    {
        services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["text/html"];
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
    }

    /// <summary>Compresses what is no call of a program.</summary>
    public static void UsePageCompression(this WebApplication app) =>
        app.UseWhen(context => PageTroubles.IsOfPage(context.Request) && HttpMethods.IsGet(context.Request.Method), pages => pages.UseResponseCompression());
}
