using System.Text.RegularExpressions;

namespace Sessions.SystemTests.Harness;

/// <summary>Signs in as a browser does: with the form.</summary>
internal static partial class SignInForm
{
    /// <summary>Sends the form. The client must keep cookies.</summary>
    /// <param name="browser">The client; its base address is a gateway.</param>
    /// <param name="key">The API key.</param>
    /// <param name="to">The page to open then; null for the first page.</param>
    public static async Task<HttpResponseMessage> SignIn(this HttpClient browser, string key, string? to = null)
    {
        using HttpResponseMessage page = await browser.GetAsync("/signin");
        Dictionary<string, string> form = new()
        {
            ["__RequestVerificationToken"] = Mark().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value,
            ["key"] = key,
        };
        if (to is not null)
        {
            form["to"] = to;
        }

        return await browser.PostAsync("/signin", new FormUrlEncodedContent(form));
    }

    /// <summary>The antiforgery token of a page's first form.</summary>
    public static string MarkOf(string page) => Mark().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}
