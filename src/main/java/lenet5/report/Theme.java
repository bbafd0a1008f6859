package lenet5.report;

import java.awt.Color;

/** The colours of the page and of its charts, once for bright surroundings and once for dark ones. */
enum Theme {
    LIGHT("#f5f6f8", "#ffffff", "#1b2430", "#566273", "#dfe4ea", "#1f67d2", "#b4530a"),
    DARK("#0e1216", "#171c22", "#e7ecf2", "#9aa7b6", "#2c353f", "#6db1ff", "#ffa04d");

    private final String page;
    private final String card;
    private final String text;
    private final String muted;
    private final String line;
    private final String training;
    private final String validation;

    Theme(String page, String card, String text, String muted, String line, String training, String validation) {
        this.page = page;
        this.card = card;
        this.text = text;
        this.muted = muted;
        this.line = line;
        this.training = training;
        this.validation = validation;
    }

    /** The colours as custom properties of CSS. */
    String css() {
        return "--page: %s; --card: %s; --text: %s; --muted: %s; --line: %s; --first: %s; --second: %s;"
                .formatted(page, card, text, muted, line, training, validation);
    }

    /** What charts are drawn on. */
    Color card() {
        return Color.decode(card);
    }

    Color text() {
        return Color.decode(text);
    }

    /** Of grid lines. */
    Color line() {
        return Color.decode(line);
    }

    /** A strong background for {@link #text}: the training figures' colour, half as strong. */
    Color tint() {
        Color card = card();
        Color full = series()[0];
        return new Color(
                (card.getRed() + full.getRed()) / 2,
                (card.getGreen() + full.getGreen()) / 2,
                (card.getBlue() + full.getBlue()) / 2);
    }

    /** Of figures on the training images, then on the validation images. */
    Color[] series() {
        return new Color[] {Color.decode(training), Color.decode(validation)};
    }
}
