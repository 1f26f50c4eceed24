using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>
/// The demo's sample shop: its pages and the sources of its visitors. Weights are shares, not counts.
/// </summary>
internal static class DemoSite
{
    public const string Host = "shop.example";

    /// <summary>The landing pages.</summary>
    public static readonly Weighted<string> Landings = new(
        (34, "/"), (16, "/shoes"), (12, "/sale"), (9, "/jackets"), (8, "/blog/winter-running"), (6, "/shoes/trail-9"),
        (6, "/jackets/rain"), (5, "/blog/how-to-choose-shoes"), (4, "/gift-cards"));

    /// <summary>The links from each page.</summary>
    public static readonly IReadOnlyDictionary<string, Weighted<string>> Links = new Dictionary<string, Weighted<string>>
    {
        ["/"] = new((5, "/shoes"), (3, "/jackets"), (4, "/sale"), (1, "/blog/winter-running"), (1, "/about")),
        ["/shoes"] = new((5, "/shoes/trail-9"), (4, "/shoes/road-4"), (2, "/sale"), (1, "/")),
        ["/jackets"] = new((5, "/jackets/rain"), (3, "/jackets/down"), (1, "/")),
        ["/sale"] = new((4, "/shoes/road-4"), (4, "/jackets/down"), (1, "/")),
        ["/shoes/trail-9"] = new((4, "/cart"), (3, "/shoes"), (1, "/blog/how-to-choose-shoes")),
        ["/shoes/road-4"] = new((4, "/cart"), (3, "/shoes")),
        ["/jackets/rain"] = new((4, "/cart"), (3, "/jackets")),
        ["/jackets/down"] = new((3, "/cart"), (3, "/jackets")),
        ["/cart"] = new((6, "/checkout"), (3, "/shoes"), (2, "/jackets")),
        ["/checkout"] = new((6, "/thanks"), (2, "/cart")),
        ["/blog/winter-running"] = new((3, "/shoes/trail-9"), (2, "/jackets"), (1, "/blog/how-to-choose-shoes")),
        ["/blog/how-to-choose-shoes"] = new((4, "/shoes"), (1, "/")),
        ["/gift-cards"] = new((2, "/cart"), (1, "/")),
    };

    /// <summary>The screens of the shop's app, each with those that follow.</summary>
    public static readonly IReadOnlyDictionary<string, Weighted<string>> Screens = new Dictionary<string, Weighted<string>>
    {
        ["Home"] = new((5, "Catalogue"), (3, "Offers"), (1, "Account")),
        ["Catalogue"] = new((6, "Product"), (2, "Home")),
        ["Offers"] = new((5, "Product"), (1, "Home")),
        ["Product"] = new((4, "Basket"), (4, "Catalogue")),
        ["Basket"] = new((3, "Payment"), (2, "Catalogue")),
        ["Account"] = new((1, "Home")),
    };

    /// <summary>The countries of visitors.</summary>
    public static readonly Weighted<string> Countries = new(
        (30, "DE"), (17, "US"), (12, "GB"), (9, "FR"), (7, "NL"), (6, "AT"), (5, "CH"), (4, "PL"), (3, "SE"), (3, "IN"), (2, "JP"), (2, "BR"));

    /// <summary>What breaks in the shop.</summary>
    public static readonly Weighted<(string Type, string Text)> Exceptions = new(
        (5, ("TypeError", "Cannot read properties of undefined (reading 'price')")),
        (3, ("NetworkError", "The stock could not be loaded")),
        (1, ("RangeError", "Maximum call stack size exceeded")));

    /// <summary>The text of the button that visitors of a page click.</summary>
    public static string ButtonOf(string page) => page switch
    {
        "/" => "See what is new",
        "/cart" => "Go to checkout",
        "/checkout" => "Pay now",
        "/shoes" or "/jackets" or "/sale" => "Show details",
        "/gift-cards" => "Buy a gift card",
        _ when page.StartsWith("/blog/", StringComparison.Ordinal) => "Read more",
        _ => "Add to basket",
    };

    /// <summary>The sources of visits, as the event of the landing page describes them.</summary>
    public static readonly Weighted<Source> Sources = new(
        (26, new Source("", "")),
        (27, new Source("https://www.google.com/", "www.google.com")),
        (5, new Source("https://duckduckgo.com/", "duckduckgo.com")),
        (4, new Source("https://www.bing.com/", "www.bing.com")),
        (8, new Source("https://www.google.com/", "www.google.com", "utm_source=google&utm_medium=cpc&utm_campaign=winter", "gclid")),
        (7, new Source("https://l.instagram.com/", "l.instagram.com", "utm_source=instagram&utm_medium=social&utm_campaign=runners", "fbclid")),
        (4, new Source("https://www.reddit.com/", "www.reddit.com")),
        (3, new Source("https://www.youtube.com/", "www.youtube.com")),
        (7, new Source("", "", "utm_source=newsletter&utm_medium=email&utm_campaign=november")),
        (5, new Source("https://runnersworld.example/", "runnersworld.example")),
        (4, new Source("https://chatgpt.com/", "chatgpt.com", "utm_source=chatgpt.com")));

    /// <summary>The devices of visitors.</summary>
    public static readonly Weighted<Device> Devices = new(
        (30, new Device("Chrome", "Windows", "Desktop")), (17, new Device("Mobile Safari", "iOS", "Mobile")),
        (16, new Device("Chrome", "Android", "Mobile")), (10, new Device("Safari", "Mac OS X", "Desktop")),
        (9, new Device("Chrome", "Mac OS X", "Desktop")), (7, new Device("Firefox", "Windows", "Desktop")),
        (4, new Device("Firefox", "Linux", "Desktop")), (4, new Device("Microsoft Edge", "Windows", "Desktop")),
        (3, new Device("Mobile Safari", "iOS", "Tablet")));

    /// <param name="Referrer">The page that linked to the shop; empty for none.</param>
    /// <param name="Domain">Its host.</param>
    /// <param name="Tags">The landing page's query; null for none.</param>
    /// <param name="AdId">The ad click id that the landing page carries; null for none.</param>
    internal sealed record Source(string Referrer, string Domain, string? Tags = null, string? AdId = null)
    {
        /// <summary>Writes the source as posthog-js does.</summary>
        public void Describe(JsonObject properties, Random random)
        {
            properties["$referrer"] = Referrer.Length == 0 ? "$direct" : Referrer;
            properties["$referring_domain"] = Domain.Length == 0 ? "$direct" : Domain;
            foreach (string tag in Tags?.Split('&') ?? [])
            {
                properties[tag[..tag.IndexOf('=')]] = tag[(tag.IndexOf('=') + 1)..];
            }

            if (AdId is not null)
            {
                properties[AdId] = $"demo{random.Next():x8}";
            }
        }
    }

    internal sealed record Device(string Browser, string Os, string Type);
}

/// <summary>Values with weights.</summary>
internal sealed class Weighted<T>(params (int Weight, T Value)[] values)
{
    private readonly int _total = values.Sum(value => value.Weight);

    /// <summary>The values in their order.</summary>
    public IList<T> Values { get; } = [.. values.Select(value => value.Value)];

    public T Pick(Random random)
    {
        int at = random.Next(_total);
        foreach ((int weight, T value) in values)
        {
            at -= weight;
            if (at < 0)
            {
                return value;
            }
        }

        throw new InvalidOperationException("The weights do not cover the random number.");
    }
}
