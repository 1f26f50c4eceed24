using System.Collections.Frozen;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sessions.Web.Docs;

/// <summary>A page of the documentation.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="Html">Its text.</param>
public sealed record Doc(string Name, string Title, string Html);

/// <summary>
/// The documentation of this version, which is built into the program: it is there without internet, and always tells of
/// the version that runs.
/// </summary>
internal static class DocLibrary
{
    /// <summary>The address of the documentation.</summary>
    public const string Address = "/docs";

    /// <summary>The page that lists the others.</summary>
    public const string Index = "README";

    private const string Prefix = "docs/";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    // A page is made of its Markdown when it is first opened.
    private static readonly FrozenDictionary<string, Lazy<Doc>> s_all = typeof(DocLibrary).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..])
        .ToFrozenDictionary(name => name, name => new Lazy<Doc>(() => Make(name)));

    /// <summary>The names of all pages but the list of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Keys.Where(name => name != Index).Order(StringComparer.Ordinal)];

    /// <summary>A page; null when there is none of that name.</summary>
    public static Doc? Find(string name) => s_all.TryGetValue(name, out Lazy<Doc>? doc) ? doc.Value : null;

    private static Doc Make(string name)
    {
        using StreamReader text = new(typeof(DocLibrary).Assembly.GetManifestResourceStream(Prefix + name)!);
        MarkdownDocument document = Markdown.Parse(text.ReadToEnd(), s_pipeline);
        foreach (LinkInline link in document.Descendants<LinkInline>().Where(link => !link.IsImage).ToArray())
        {
            link.Url = AddressOf(link.Url ?? "");
        }

        foreach (Block wide in document.Descendants<Block>().Where(block => block is Markdig.Extensions.Tables.Table or CodeBlock))
        {
            // Their boxes scroll, so the keyboard must reach them.
            wide.GetAttributes().AddProperty("tabindex", "0");
        }

        string title = document.Descendants<HeadingBlock>().FirstOrDefault()?.Inline?.FirstChild?.ToString() ?? name;
        return new Doc(name, title, document.ToHtml(s_pipeline));
    }

    /// <summary>A link of a file as one of a page. What is not part of the documentation leads to the list of pages.</summary>
    private static string AddressOf(string url)
    {
        if (url.StartsWith('#') || url.Contains("://", StringComparison.Ordinal))
        {
            return url;
        }

        int mark = url.IndexOf('#', StringComparison.Ordinal);
        (string file, string part) = mark < 0 ? (url, "") : (url[..mark], url[mark..]);
        string name = file.EndsWith(".md", StringComparison.Ordinal) ? file[..^".md".Length] : file;
        return name == Index || !s_all.ContainsKey(name) ? Address : $"{Address}/{name}{part}";
    }
}
