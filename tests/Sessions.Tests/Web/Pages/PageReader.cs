using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Web.Pages;

/// <summary>A person's browser at the gateway of the tests: it asks for pages, keeps cookies and shows redirects.</summary>
internal static partial class PageReader
{
    /// <summary>A browser that is signed in.</summary>
    public static async Task<HttpClient> Reader(this TestGateway gateway, TestGateway.Project project)
    {
        HttpClient browser = gateway.Browser();
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        await browser.SignIn(project.ApiKey);
        return browser;
    }

    /// <summary>A page's text with its entities resolved.</summary>
    public static async Task<string> Page(this HttpClient browser, string address) =>
        WebUtility.HtmlDecode(await (await browser.GetAsync(address)).Content.ReadAsStringAsync());

    /// <summary>The data of a chart.</summary>
    public static async Task<JsonNode> Chart(this HttpClient browser, string address, string id = "overview-chart")
    {
        string page = await browser.GetStringAsync(address);
        string start = $"<script type=\"application/json\" id=\"{id}\">";
        int from = page.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, page);
        return JsonNode.Parse(page[(from + start.Length)..page.IndexOf("</script>", from, StringComparison.Ordinal)])!;
    }

    /// <summary>Sends a form of a page.</summary>
    public static async Task<HttpResponseMessage> Send(
        this HttpClient browser, string page, string address, params (string Name, string Value)[] fields)
    {
        string mark = SignInForm.MarkOf(await browser.GetStringAsync(page));
        return await browser.PostAsync(
            address,
            new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", mark)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
    }

    /// <summary>The address that an answer leads to.</summary>
    public static string Leads(this HttpResponseMessage answer) => answer.Headers.Location?.OriginalString ?? "";

    [GeneratedRegex("<title>([^<]*)</title>")]
    public static partial Regex Title();
}
